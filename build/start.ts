/**
 * `npm start`: builds what is stale, then becomes the `wardian` command in this very process, so that flags,
 * streams, signals and the exit code are its own.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildIfStale } from './build-if-stale.ts'
import { repositoryRoot } from './run-command.ts'

try {
  await buildIfStale()
  const launcher = join(repositoryRoot, 'bin/wardian.mjs')
  process.argv[1] = launcher
  await import(pathToFileURL(launcher).href)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
