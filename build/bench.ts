/**
 * `npm run bench -- NAME [flags]`: runs bench/NAME.bench.ts in a Node of its own, with the wasm module and the page
 * that is served built.
 * Flags such as `--json` are the benchmark's.
 */
import { existsSync, globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { buildIfStale } from './build-if-stale.ts'
import { repositoryRoot, runCommand } from './run-command.ts'

const SUFFIX = '.bench.ts'

const [name = '', ...flags] = process.argv.slice(2)
const file = join(repositoryRoot, 'bench', `${name}${SUFFIX}`)
if (existsSync(file)) {
  await buildIfStale({ parts: ['wasm', 'renderer'] })
  // Without it a benchmark cannot tell what is kept from what is not collected yet.
  const { exitCode } = await runCommand(process.execPath, ['--expose-gc', file, ...flags], {
    output: 'inherit',
  })
  process.exitCode = exitCode
} else {
  const names = globSync(`bench/*${SUFFIX}`, { cwd: repositoryRoot }).map((path) => basename(path, SUFFIX))
  process.stderr.write(`Usage: npm run bench -- NAME [--json]\nNAME is one of: ${names.sort().join(', ')}\n`)
  process.exitCode = 2
}
