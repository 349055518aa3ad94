/**
 * `npm run test:programs`: what needs more than Node, such as psql and a native Postgres. Arguments are Vitest's. A few
 * failed tests are run once more, alone, as `npm test` does.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { failedUnitTests, unexplainedErrors } from './failed-tests.ts'
import { passesAlone, readReport, say } from './repeat-failed.ts'
import { repositoryRoot, runPackageCommand } from './run-command.ts'
import { takeUnhandledErrors } from './unhandled-errors.ts'

const REPORT = 'out/test/programs.json'

async function runVitest(args: readonly string[]): Promise<number> {
  const always = ['run', '--config', 'vitest.programs.config.ts']
  const { exitCode } = await runPackageCommand({ packageName: 'vitest' }, [...always, ...args], {
    output: 'inherit',
  })
  return exitCode
}

rmSync(join(repositoryRoot, REPORT), { force: true })
takeUnhandledErrors()
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`]
const exitCode = await runVitest([...reporters, ...process.argv.slice(2)])
if (exitCode !== 0) {
  const failed = failedUnitTests(readReport(REPORT))
  const errors = takeUnhandledErrors()
  for (const error of errors) say(`\nNo test caught: ${error}`)
  const areUnsteady = (await passesAlone(failed, runVitest)) && unexplainedErrors(errors, failed).length === 0
  for (const { file, name } of areUnsteady ? failed : []) {
    say(`UNSTEADY: failed, and passed alone: ${file} > ${name}`)
  }
  process.exitCode = areUnsteady ? 0 : exitCode
}
