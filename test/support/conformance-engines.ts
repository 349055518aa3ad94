/**
 * The engines that the conformance suites run on: the one here, and servers elsewhere. Which server that is depends
 * on the run: our own endpoint where only Node is at hand, native Postgres where WARDIAN_TEST_ENGINES says `native`.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { engineFactories, type StatementEngineFactory } from './engine-fixture.ts'
import { RemoteEngineFactory, type TestServer } from './remote-engine.ts'
import { startWardian } from './wire/own-server.ts'
import { NativePostgres, otherVersions } from './wire/native-postgres.ts'

export interface ConformanceEngine {
  readonly name: string
  /** Whether there is native code of Postgres behind it, with its own limits of time and memory. */
  readonly isRemote: boolean
  create(): StatementEngineFactory
}

async function ownServer(): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'wardian-remote-'))
  const server = await startWardian(directory)
  return {
    address: server.address,
    stop: async () => {
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

const local: readonly ConformanceEngine[] = [
  ...engineFactories.map((engine) => ({ ...engine, isRemote: false })),
  { name: 'postgres, at our own endpoint', isRemote: true, create: () => new RemoteEngineFactory(ownServer) },
]

const native: readonly ConformanceEngine[] = [
  {
    name: 'postgres, at a native server',
    isRemote: true,
    create: () => new RemoteEngineFactory(() => NativePostgres.start()),
  },
  // Where the system has them: Debian's, of its own major version.
  ...otherVersions().map(({ major, programs }) => ({
    name: `postgres, at a native server of version ${major}`,
    isRemote: true,
    create: () => new RemoteEngineFactory(() => NativePostgres.start({ programs })),
  })),
]

export const conformanceEngines = process.env['WARDIAN_TEST_ENGINES'] === 'native' ? native : local
