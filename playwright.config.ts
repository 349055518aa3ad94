/**
 * How the end-to-end specs run: in a real Chromium against the product as built (`npm run e2e` builds it and
 * obtains the browser first). Each project is a target, so that every result names its own. Specs start their own host;
 * nothing is shared between them.
 */
import { existsSync, readFileSync } from 'node:fs'
import { defineConfig } from '@playwright/test'
import { wholeStandInVariable } from './build/e2e-command.ts'
import { installedBrowser } from './build/find-browser.ts'
import { hasElectron } from './build/find-electron.ts'
import type { Target } from './e2e/host-under-test.ts'
import { servedOnlyFiles } from './e2e/served-only-files.ts'

interface WorkerOptions {
  readonly target: Target
}

/** Generous: on a machine of two cores that others use too, everything may take ten times as long. */
const TEST_TIMEOUT_MS = 300_000
const EXPECT_TIMEOUT_MS = 60_000

/** Under an older one the launcher would hand over to a child, which outlives a launcher that is killed. */
const NODE_MAJOR_MIN = 24
if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR_MIN) {
  throw new Error(
    `Specs need Node ${NODE_MAJOR_MIN}; this is ${process.versions.node}. Use npm: npm run e2e -- FILE`,
  )
}

/** Quiet and local: no GPU that a server lacks, and none of Chromium's own traffic. */
const CHROMIUM_FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const executablePath = installedBrowser()
if (executablePath === undefined) {
  throw new Error('No Chromium, Chrome or Edge found. Run `npm run browser`, which gets one.')
}

/** Chromium's sandbox works neither for root nor where the kernel forbids user namespaces (Ubuntu 23.10+). */
function canSandbox(): boolean {
  const restriction = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns'
  if (process.getuid?.() === 0) return false
  return !existsSync(restriction) || readFileSync(restriction, 'utf8').trim() === '0'
}

const browser = {
  browserName: 'chromium',
  viewport: { width: 1440, height: 900 },
  launchOptions: { executablePath, chromiumSandbox: canSandbox(), args: CHROMIUM_FLAGS },
} as const

/** What concerns the desktop app alone. */
const desktopFiles = '**/desktop-*.spec.ts'

const desktopProject = { testIgnore: [...servedOnlyFiles.keys()] }

/**
 * Specs that every run has on the stand-in: the desktop's own, and those whose way through the app differs most. All of
 * them take as long as on `serve` again: `npm run e2e -- --target standin`.
 */
function standinFiles(): string[] {
  if (process.env[wholeStandInVariable]) return ['**/*.spec.ts']
  return [desktopFiles, '**/first-start.spec.ts', '**/survival.spec.ts', '**/security.spec.ts']
}

/** @see {@link servedOnlyFiles} and `servedOnly` for what is not run on every target, and why. */
export default defineConfig<object, WorkerOptions>({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'out/test/e2e',
  timeout: TEST_TIMEOUT_MS,
  expect: { timeout: EXPECT_TIMEOUT_MS },
  forbidOnly: true,
  fullyParallel: false,
  // One more than the smallest machine of CI has cores: each waits for the disk and for its browser half of the time.
  // Each spec's host has a port and a directory of its own.
  workers: 3,
  reporter: [['list'], ['json', { outputFile: 'out/test/e2e.json' }]],
  use: {
    screenshot: 'only-on-failure',
    // Recording takes half a second of each spec; for one that fails, run it with WARDIAN_TRACE=1.
    trace: process.env['WARDIAN_TRACE'] ? 'retain-on-failure' : 'off',
  },
  projects: [
    { name: 'serve', testIgnore: desktopFiles, grepInvert: /@desktop/, use: { ...browser, target: 'serve' } },
    {
      ...desktopProject,
      name: 'standin',
      testMatch: standinFiles(),
      grepInvert: /@serve|@much-data/,
      use: { ...browser, target: 'standin' },
    },
    ...(hasElectron()
      ? [
          {
            ...desktopProject,
            name: 'electron',
            grepInvert: /@serve|@standin/,
            use: { ...browser, target: 'electron' as const },
          },
        ]
      : []),
  ],
})
