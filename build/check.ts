/**
 * `npm run check`: everything that judges the sources without running the product. Steps run side by side; one
 * line tells how each went, and only what failed is printed in full. `-- NAME...` runs only those steps.
 */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot, runCommand, runPackageCommand } from './run-command.ts'
import type { CommandResult, PackageCommand } from './run-command.ts'

interface Step {
  readonly name: string
  run(): Promise<CommandResult>
}

const CRUISED = ['src', 'native-wasm', 'test', 'bench', 'e2e', 'build'].filter((folder) =>
  existsSync(join(repositoryRoot, folder)),
)

/** The longest first, so that the short ones fill the gaps. */
const STEPS: readonly Step[] = [
  packageStep('format', { packageName: 'prettier' }, [
    '--check',
    '--log-level',
    'warn',
    '.',
    ...cache('prettier'),
  ]),
  packageStep('lint', { packageName: 'oxlint' }, ['--quiet']),
  packageStep('imports', { packageName: 'dependency-cruiser' }, ['--output-type', 'err-long', ...CRUISED]),
  packageStep('types', { packageName: '@typescript/native', name: 'tsc' }, ['-b']),
  { name: 'tidy', run: () => runCommand(process.execPath, ['build/tidy.ts']) },
]

/** By content, because a checkout changes times; under out/, so that each checkout has its own. */
function cache(tool: string): string[] {
  return ['--cache', '--cache-strategy', 'content', '--cache-location', `out/check/${tool}.cache`]
}

function packageStep(name: string, command: PackageCommand, args: readonly string[]): Step {
  return { name, run: () => runPackageCommand(command, args) }
}

async function runStep(step: Step): Promise<boolean> {
  const { exitCode, output, elapsedMs } = await step.run()
  const hasPassed = exitCode === 0
  const seconds = (elapsedMs / 1000).toFixed(1)
  process.stdout.write(`${hasPassed ? 'ok    ' : 'FAILED'} ${step.name.padEnd(8)} ${seconds.padStart(5)} s\n`)
  if (!hasPassed) process.stdout.write(`${output.trimEnd()}\n`)
  return hasPassed
}

/** Runs all `steps`, as many at a time as there are cores; true if all passed. */
async function runSteps(steps: readonly Step[]): Promise<boolean> {
  const waiting = [...steps]
  const results: boolean[] = []
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step; step = waiting.shift()) results.push(await runStep(step))
  }
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker))
  return results.every(Boolean)
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name))
if (unknown.length > 0) {
  process.stderr.write(
    `Unknown step ${unknown.join(', ')}; steps are ${STEPS.map((s) => s.name).join(', ')}.\n`,
  )
  process.exitCode = 2
} else {
  const steps = wanted.length > 0 ? STEPS.filter((step) => wanted.includes(step.name)) : STEPS
  if (!(await runSteps(steps))) process.exitCode = 1
}
