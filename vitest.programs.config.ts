/**
 * How the tests run that need more than Node and npm: psql and other clients, and a native Postgres as the oracle.
 * Otherwise like vitest.config.ts.
 */
import { defineConfig, mergeConfig } from 'vitest/config'
import { cleanRootObstacle, linuxPackagesObstacle } from './test/packaging/clean-root-obstacle.ts'
import unitConfig from './vitest.config.ts'

const config = mergeConfig(
  unitConfig,
  defineConfig({
    test: { globalSetup: ['test/support/wire/server-broker.ts', 'build/product-global-setup.ts'] },
  }),
)

// The session suite compares this endpoint with native Postgres, unless another server is named, or nothing.
if (process.env['WARDIAN_WIRE_URL'] === undefined) {
  process.env['WARDIAN_WIRE_COMMAND'] ??=
    'node_modules/.bin/node src/main/cli/main.ts pg --temporary --json --data out/test/wire-endpoint'
}

const untested = [
  { what: 'debian-package', obstacle: cleanRootObstacle() },
  { what: 'electron-package', obstacle: linuxPackagesObstacle() },
  { what: 'other-machines', obstacle: linuxPackagesObstacle() },
].filter(({ obstacle }) => obstacle !== null)
for (const { what, obstacle } of untested) {
  process.stderr.write(`NOT TESTED: test/packaging/${what}, because ${obstacle}\n`)
}

export default {
  ...config,
  test: {
    ...config.test,
    include: [
      'src/**/*.programs.test.ts',
      'test/**/*.programs.test.ts',
      'test/wire/**/*.test.ts',
      'test/clients/**/*.test.ts',
      // Once more, on a native server as an engine elsewhere.
      'test/conformance/engine.test.ts',
      'test/conformance/engine-cancel.test.ts',
    ],
    env: { ...config.test?.env, WARDIAN_TEST_ENGINES: 'native' },
    exclude: [
      ...['**/node_modules/**', 'out/**'],
      ...untested.map(({ what }) => `test/packaging/${what}.programs.test.ts`),
    ],
  },
}
