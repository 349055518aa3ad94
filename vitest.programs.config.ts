/**
 * How the tests run that need more than Node and npm: psql and other clients, and a native Postgres as the oracle.
 * Otherwise like vitest.config.ts.
 */
import { defineConfig, mergeConfig } from 'vitest/config'
import unitConfig from './vitest.config.ts'

const config = mergeConfig(
  unitConfig,
  defineConfig({ test: { globalSetup: ['test/support/wire/server-broker.ts'] } }),
)

export default {
  ...config,
  test: {
    ...config.test,
    include: ['src/**/*.programs.test.ts', 'test/wire/**/*.test.ts', 'test/clients/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'out/**'],
  },
}
