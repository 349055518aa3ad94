/**
 * The servers that are compared: started as processes of their own, asked for their address, ended with the
 * benchmark. Each can be asked for another that knows nothing of the last one's troubles.
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
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

/** Each listens on TCP, or on a Unix-domain socket in the directory that it is given, which is its address then. */
type SocketDirectory = string | null

export async function startNative(socketDirectory: SocketDirectory): Promise<BenchServer> {
  const server = await NativePostgres.start({ hasUnixSocket: socketDirectory !== null })
  return { address: server.address, processId: null, stop: () => server.stop() }
}

/** In memory, as pglite-socket is by default. */
export async function startWardian(
  dataDirectory: string,
  socketDirectory: SocketDirectory = null,
): Promise<BenchServer> {
  return startEndpoint(['--temporary', '--data', dataDirectory], socketDirectory)
}

/** On disk, every commit synced: what people use. */
export async function startDurableWardian(
  dataDirectory: string,
  socketDirectory: SocketDirectory,
): Promise<BenchServer> {
  const created = spawn(process.execPath, [entry, 'create', 'bench', '--data', dataDirectory], {
    stdio: 'ignore',
  })
  await once(created, 'exit')
  return startEndpoint(['bench', '--data', dataDirectory], socketDirectory)
}

async function startEndpoint(
  options: readonly string[],
  socketDirectory: SocketDirectory,
): Promise<BenchServer> {
  const socket = socketDirectory === null ? [] : ['--socket', socketDirectory]
  const { child, line } = await startChild([entry, 'pg', '--json', ...options, ...socket])
  const address = reachedBy(JSON.parse(line) as ServerAddress, socketDirectory)
  return { address, processId: child.pid ?? null, stop: () => end(child) }
}

/** Takes any user and password. */
export async function startPgliteSocket(socketDirectory: SocketDirectory = null): Promise<BenchServer> {
  const port = await freePort()
  const { child } = await startChild([socketEntry, '', String(port), ...pathIn(socketDirectory, port)])
  const login = { user: 'postgres', password: 'any', database: 'postgres' }
  const address = reachedBy({ host: '127.0.0.1', port, ...login }, socketDirectory)
  return { address, processId: child.pid ?? null, stop: () => end(child) }
}

/** Has no database at all, and answers nevertheless: what the socket alone costs. */
export async function startCanned(socketDirectory: SocketDirectory): Promise<BenchServer> {
  const port = await freePort()
  const { child } = await startChild([cannedEntry, String(port), ...pathIn(socketDirectory, port)])
  const login = { user: 'canned', password: 'any', database: 'postgres' }
  const address = reachedBy({ host: '127.0.0.1', port, ...login }, socketDirectory)
  return { address, processId: child.pid ?? null, stop: () => end(child) }
}

function reachedBy(address: ServerAddress, socketDirectory: SocketDirectory): ServerAddress {
  return { ...address, host: socketDirectory ?? address.host }
}

/** Where libpq looks for it. */
function pathIn(socketDirectory: SocketDirectory, port: number): string[] {
  if (socketDirectory === null) return []
  mkdirSync(socketDirectory, { recursive: true, mode: 0o700 })
  return [join(socketDirectory, `.s.PGSQL.${port}`)]
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
