/**
 * Servers for the files of one test run, which run in processes of their own: each kind is started when the first
 * file asks for it, once, and ends with the run. Vitest's global setup; files ask through `askForServer`.
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestProject } from 'vitest/node'
import { NativePostgres } from './native-postgres.ts'
import { addressOfUrl, type ServerAddress } from './server-address.ts'

declare module 'vitest' {
  interface ProvidedContext {
    wireBrokerPort: number
  }
}

/** Native Postgres, `wardian pg` of this checkout, or the server that the environment names. */
export type ServerKind = 'native' | 'wardian' | 'target'

const REPOSITORY = join(import.meta.dirname, '../../..')

interface RunningServer {
  readonly address: ServerAddress
  stop(): Promise<void>
}

/** Vitest's global setup; what it answers is the teardown. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = new Map<string, Promise<RunningServer>>()
  const broker = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', (data) => {
      const kind = data.toString().trim()
      const server = servers.get(kind) ?? start(kind)
      servers.set(kind, server)
      server.then(
        ({ address }) => socket.end(JSON.stringify({ address })),
        (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
      )
    })
  }).listen(0, '127.0.0.1')
  await once(broker, 'listening')
  const address = broker.address()
  if (address === null || typeof address === 'string') throw new Error('The broker has no port')
  project.provide('wireBrokerPort', address.port)
  return async () => {
    broker.close()
    for (const server of await Promise.allSettled(servers.values())) {
      if (server.status === 'fulfilled') await server.value.stop()
    }
  }
}

/** Asks the broker on `port` for a server; the first to ask waits until it has started. */
export async function askForServer(kind: ServerKind, port: number): Promise<ServerAddress> {
  const socket = connect(port, '127.0.0.1')
  socket.write(kind)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  const answer = JSON.parse(Buffer.concat(chunks).toString()) as { address?: ServerAddress; error?: string }
  if (!answer.address) throw new Error(`No ${kind} server: ${answer.error}`)
  return answer.address
}

function start(kind: string): Promise<RunningServer> {
  if (kind === 'native') return NativePostgres.start()
  return kind === 'wardian' ? startWardian() : startTarget()
}

/** From the sources, with a directory of its own. */
async function startWardian(): Promise<RunningServer> {
  const directory = mkdtempSync(join(tmpdir(), 'wardian-clients-'))
  const words = ['src/main/cli/main.ts', 'pg', '--temporary', '--json', '--data', join(directory, 'data')]
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  const child = spawn(process.execPath, words, { cwd: REPOSITORY, detached: true, stdio: [...stdio] })
  const address = await firstAddress(child, words.join(' '))
  return {
    address,
    stop: async () => {
      await end(child)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** WARDIAN_WIRE_URL names a running server; WARDIAN_WIRE_COMMAND starts one that prints its address as JSON. */
async function startTarget(): Promise<RunningServer> {
  const url = process.env['WARDIAN_WIRE_URL']
  if (url) return { address: addressOfUrl(url), stop: () => Promise.resolve() }
  const command = process.env['WARDIAN_WIRE_COMMAND']
  if (!command) throw new Error('Neither WARDIAN_WIRE_URL nor WARDIAN_WIRE_COMMAND is set')
  const child = spawn(command, { shell: true, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const address = await firstAddress(child, command)
  return { address, stop: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
  await exit
}

async function firstAddress(child: ChildProcess, command: string): Promise<ServerAddress> {
  if (!child.stdout) throw new Error('The command has no output')
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.trimStart().startsWith('{')) continue
    child.stdout.resume()
    return JSON.parse(line) as ServerAddress
  }
  throw new Error(`The command ended without printing an address: ${command}`)
}
