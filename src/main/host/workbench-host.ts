/**
 * The host as shells see it: settles where it runs, and begins what takes long before most of the program is loaded.
 * What it does then stands in running-host.ts.
 */

import { hostname } from 'node:os'
import { join } from 'node:path'
import { PgliteEngineFactory } from '../engine/pglite/pglite-engine-factory.ts'
import { shippedTemplatesFolder } from '../page/product-folder.ts'
import { DirectoryLock, type LockHolder } from '../storage/directory-lock.ts'
import { StorageClient } from '../storage/storage-client.ts'
import type { HostOptions, ShellKind } from './host-options.ts'
import type { WorkbenchHost } from './running-host.ts'

export type { WorkbenchHost }

const programNames: Readonly<Record<ShellKind, string>> = {
  electron: 'the Wardian app',
  serve: 'wardian serve',
  command: 'a wardian command',
}

/**
 * Starts a host. Throws `in-use` naming the holder, `permission-denied`, `disk-full`, `storage-failed` or
 * `unsupported`, each with what to do. Instances start when they are used; the first one in the background.
 */
export async function startHost(options: HostOptions): Promise<WorkbenchHost> {
  const { dataDirectory, shell, clock, program = programNames[shell] } = options
  const startedAtMs = clock.nowMs()
  const holder: LockHolder = {
    ...{ processId: process.pid, hostName: hostname(), program, startedAtMs, endpoint: null },
  }
  const lock = await DirectoryLock.acquire(dataDirectory, holder)
  const engines = options.engineFactory ?? createEngines(options)
  const storage = new StorageClient(dataDirectory, new Date(startedAtMs).toISOString().replaceAll(':', ''))
  try {
    // What takes longest begins first, in threads of its own, while this one loads most of the program. Whoever opens
    // a window uses an instance next, while a command has already said which.
    if (shell !== 'command') engines.prepare()
    const stored = storage.call('storage.open', null)
    const [{ runHost }] = await Promise.all([import('./running-host.ts'), stored])
    return await runHost(options, {
      holder,
      lock,
      storage,
      engines,
      setAsidePath: (await stored).setAsidePath,
    })
  } catch (error) {
    await engines.dispose()
    await storage.close()
    await lock.release()
    throw error
  }
}

function createEngines(options: HostOptions): PgliteEngineFactory {
  const { templatesDirectory, dataDirectory, shell, clock } = options
  return new PgliteEngineFactory({
    templatesDirectory: templatesDirectory ?? join(dataDirectory, 'templates'),
    shippedTemplatesDirectory: shippedTemplatesFolder(),
    // A command opens what it is for, and ends.
    keepsSpare: shell !== 'command',
    clock,
  })
}
