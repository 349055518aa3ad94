/**
 * The servers that are compared: started as processes of their own, asked for their address, ended with the
 * benchmark. Each can be asked for another that knows nothing of the last one's troubles.
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../test/support/started-program.ts'
import { NativePostgres } from '../test/support/wire/native-postgres.ts'
import type { ServerAddress } from '../test/support/wire/server-address.ts'

export interface BenchServer {
  readonly address: ServerAddress
  /** Of the process, where there is one to look at. */
  readonly processId: number | null
  stop(): Promise<void>
}

const entry = join(import.meta.dirname, '../src/main/cli/main.ts')
const cannedEntry = join(import.meta.dirname, 'wire-canned-server.ts')
const socketEntry = join(import.meta.dirname, 'wire-socket-server.ts')

export async function startNative(): Promise<BenchServer> {
  const server = await NativePostgres.start()
  return { address: server.address, processId: null, stop: () => server.stop() }
}

/** In memory, as pglite-socket is by default. */
export async function startWardian(dataDirectory: string): Promise<BenchServer> {
  const args = [entry, 'pg', '--temporary', '--json', '--data', dataDirectory]
  const { child, line } = await startChild(args)
  return { address: JSON.parse(line) as ServerAddress, processId: child.pid ?? null, stop: () => end(child) }
}

/** On disk, every commit synced: what people use. */
export async function startDurableWardian(dataDirectory: string): Promise<BenchServer> {
  const created = spawn(process.execPath, [entry, 'create', 'bench', '--data', dataDirectory], {
    stdio: 'ignore',
  })
  await once(created, 'exit')
  const { child, line } = await startChild([entry, 'pg', 'bench', '--json', '--data', dataDirectory])
  return { address: JSON.parse(line) as ServerAddress, processId: child.pid ?? null, stop: () => end(child) }
}

/** Takes any user and password. */
export async function startPgliteSocket(): Promise<BenchServer> {
  const port = await freePort()
  const { child } = await startChild([socketEntry, '', String(port)])
  const login = { user: 'postgres', password: 'any', database: 'postgres' }
  return {
    address: { host: '127.0.0.1', port, ...login },
    processId: child.pid ?? null,
    stop: () => end(child),
  }
}

/** Has no database at all, and answers nevertheless: what the socket alone costs. */
export async function startCanned(): Promise<BenchServer> {
  const { child, line } = await startChild([cannedEntry])
  const { port } = JSON.parse(line) as { port: number }
  const login = { user: 'canned', password: 'any', database: 'postgres' }
  return {
    address: { host: '127.0.0.1', port, ...login },
    processId: child.pid ?? null,
    stop: () => end(child),
  }
}

async function startChild(args: readonly string[]): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const first = once(createInterface(child.stdout), 'line')
  const exit = once(child, 'exit').then(([code]) => {
    throw new Error(`${args.join(' ')} ended with ${String(code)}`)
  })
  const [line] = (await Promise.race([first, exit])) as [string]
  exit.catch(() => undefined)
  return { child, line }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await exit
  clearTimeout(timer)
}
