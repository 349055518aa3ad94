/**
 * How unit tests run: each file alone in its own process, three at a time: many wait for a disk or for another
 * process, and two would leave a core idle. Worker threads, sockets and native modules are opened by many of them,
 * and a process of its own is the only isolation that holds for those. Browser specs live in e2e/ and belong to
 * Playwright.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { memoryFolder } from './build/memory-folder.ts'
import { noteUnhandledError } from './build/unhandled-errors.ts'

/** For machines that are busy with something else; a test that is as slow anywhere else has to be looked at. */
const TEST_TIMEOUT_MS = 120_000

/** Ending a file's process, likewise. */
const TEARDOWN_TIMEOUT_MS = 60_000

/**
 * Where threads and programs that tests start find their code compiled: a host in a new directory would compile all of
 * it anew, which takes a second of a processor's time. Each checkout has its own.
 */
const compileCache = join(import.meta.dirname, 'out', 'test', 'compiled')

/** Tests start workers from TypeScript sources, which older ones cannot run. */
const NODE_MAJOR_MIN = 24
if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR_MIN) {
  throw new Error(
    `Tests need Node ${NODE_MAJOR_MIN}; this is ${process.versions.node}. Use npm: npm run test:unit -- FILE`,
  )
}

export default defineConfig({
  test: {
    environment: 'node',
    env: { NODE_COMPILE_CACHE: compileCache, TMPDIR: memoryFolder() ?? tmpdir() },
    include: [
      'src/**/*.test.{ts,tsx}',
      'native-wasm/**/*.test.ts',
      'test/**/*.test.ts',
      'build/**/*.test.ts',
      'e2e/standin/*.test.ts',
    ],
    // What needs more than Node has a command of its own: vitest.programs.config.ts.
    exclude: ['**/node_modules/**', 'out/**', 'e2e/**/*.spec.ts', '**/*.programs.test.ts', 'test/wire/**'],
    globalSetup: ['build/wasm-global-setup.ts'],
    pool: 'forks',
    isolate: true,
    maxWorkers: 3,
    testTimeout: TEST_TIMEOUT_MS,
    hookTimeout: TEST_TIMEOUT_MS,
    teardownTimeout: TEARDOWN_TIMEOUT_MS,
    passWithNoTests: false,
    onUnhandledError: noteUnhandledError,
  },
})
