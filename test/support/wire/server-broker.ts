/**
 * Servers for the files of one test run, which run in processes of their own: each kind is started when the first
 * file asks for it, once, and ends with the run. Vitest's global setup; files ask through `askForServer`.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { NativePostgres } from './native-postgres.ts'
import { endProcess, firstAddress, startWardian } from './own-server.ts'
import { addressOfUrl, type ServerAddress } from './server-address.ts'

declare module 'vitest' {
  interface ProvidedContext {
    wireBrokerPort: number
  }
}

/** Native Postgres, `wardian pg` of this checkout, or the server that the environment names. */
export type ServerKind = 'native' | 'wardian' | 'target'

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
  return kind === 'wardian' ? startOwn() : startTarget()
}

/** From the sources, with a directory of its own. */
async function startOwn(): Promise<RunningServer> {
  const directory = mkdtempSync(join(tmpdir(), 'wardian-clients-'))
  const { address, stop } = await startWardian(directory)
  return {
    address,
    stop: async () => {
      await stop()
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
  return { address, stop: () => endProcess(child) }
}
