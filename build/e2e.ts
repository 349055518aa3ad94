/**
 * `npm run e2e -- [--target serve|standin|electron] [FILE...]`: builds what is stale, obtains a browser, and runs the
 * end-to-end specs against one shell, or against all that this machine has.
 */

import { buildIfStale } from './build-if-stale.ts'
import { readE2eCommand, wholeStandInVariable } from './e2e-command.ts'
import { obtainBrowser } from './find-browser.ts'
import { hasElectron } from './find-electron.ts'
import { runPackageCommand } from './run-command.ts'

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function run(): Promise<number> {
  const { target, args } = readE2eCommand(process.argv.slice(2))
  if (target === 'electron' && !hasElectron()) {
    throw new Error(
      "Electron's executable is not here. Get it with `npx install-electron`, or use --target standin.",
    )
  }
  await buildIfStale()
  say(`browser: ${await obtainBrowser(say)}`)
  say(`target: ${target ?? 'all that are here'}${target === 'standin' ? ', which is not Electron' : ''}`)
  const command = { packageName: '@playwright/test', name: 'playwright' }
  const env = target === 'standin' ? { [wholeStandInVariable]: '1' } : {}
  const { exitCode } = await runPackageCommand(command, ['test', ...args], { output: 'inherit', env })
  return exitCode
}

try {
  process.exitCode = await run()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
