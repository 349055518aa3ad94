/**
 * Before unit tests: builds the WebAssembly module and the template of databases when they are stale, and copies the
 * template to where tests look for it, so that no test makes one that is not about that.
 */
import { cpSync, existsSync, globSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { buildIfStale } from './build-if-stale.ts'
import { repositoryRoot } from './run-command.ts'

const built = join(repositoryRoot, 'out', 'template')
/**
 * As of test/support/engine-fixture.ts. Tests damage what is the product's only in copies, and add code to this one.
 */
const tested = join(repositoryRoot, 'out', 'test', 'templates')

/** Vitest's global setup. */
export async function setup(): Promise<void> {
  await buildIfStale({ parts: ['wasm', 'template'] })
  for (const template of globSync('pglite-*', { cwd: built })) copyWhole(join(built, template))
}

/** Another run may do the same. */
function copyWhole(template: string): void {
  const target = join(tested, basename(template))
  if (existsSync(target)) return
  const copy = `${target}.${process.pid}`
  cpSync(template, copy, { recursive: true })
  if (existsSync(target)) rmSync(copy, { recursive: true })
  else renameSync(copy, target)
}
