/**
 * How the end-to-end specs run: in a real Chromium against the product as built (`npm run test:e2e` builds it
 * and obtains the browser first). Specs start their own `wardian serve`; nothing is shared between them.
 */
import { existsSync, readFileSync } from 'node:fs'
import { defineConfig } from '@playwright/test'
import { installedBrowser } from './build/find-browser.ts'

/** Generous: on a machine of two cores that others use too, everything may take ten times as long. */
const TEST_TIMEOUT_MS = 300_000
const EXPECT_TIMEOUT_MS = 30_000

/** Under an older one the launcher would hand over to a child, which outlives a launcher that is killed. */
const NODE_MAJOR_MIN = 24
if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR_MIN) {
  throw new Error(
    `Specs need Node ${NODE_MAJOR_MIN}; this is ${process.versions.node}. Use npm: npm run test:e2e -- FILE`,
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

export default defineConfig({
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
    {
      name: 'chromium',
      use: {
        browserName: 'chromium',
        viewport: { width: 1440, height: 900 },
        launchOptions: { executablePath, chromiumSandbox: canSandbox(), args: CHROMIUM_FLAGS },
      },
    },
  ],
})
