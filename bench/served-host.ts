/** `wardian serve` in a process of its own, with this process as its window, for as long as something is measured. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { systemClock } from '../src/base/clock.ts'
import { openConnection, type WorkbenchClient } from '../src/main/cli/host-connection.ts'

const entry = join(import.meta.dirname, '../src/main/cli/main.ts')

export interface Program {
  /** What is started, with its first arguments. */
  readonly command: readonly [string, ...string[]]
  /** Added to the environment of this process. */
  readonly environment: Readonly<Record<string, string>>
}

const fromSources: Program = { command: [process.execPath, entry], environment: {} }

/** Calls `work` with a client over WebSocket; the host ends with it. */
export async function withServedHost<T>(
  dataDirectory: string,
  work: (client: WorkbenchClient) => Promise<T>,
  { command, environment }: Program = fromSources,
): Promise<T> {
  const [program, ...first] = command
  const args = [...first, 'serve', '--no-open', '--json', '--data', dataDirectory]
  const env = { ...process.env, ...environment }
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  let complaint = ''
  server.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  try {
    const address = once(createInterface(server.stdout), 'line')
    const exit = once(server, 'exit').then(([code]) => {
      throw new Error(`wardian serve ended with ${String(code)}: ${complaint}`)
    })
    await Promise.race([address, exit])
    exit.catch(() => undefined)
    const connection = await openConnection({
      startHost: () => Promise.reject(new Error('The served host has gone')),
      dataDirectory,
      clock: systemClock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    })
    const result = await work(connection.client)
    await connection.close()
    return result
  } finally {
    const ended = once(server, 'exit')
    server.kill()
    await ended
  }
}
