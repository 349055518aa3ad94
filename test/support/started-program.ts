/** What starting a server program for a test takes: a port that is free, and its word that it is there. */

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Told of a program that did not start. */
const logLengthMax = 4_000

/** One that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port is free')
  return address.port
}

export interface ReadySign {
  readonly name: string
  /** What it says on stderr when it is ready. */
  readonly words: string
  readonly deadlineMs: number
}

/** Resolves when the program says that it is ready; afterwards its log is drained. */
export async function untilReady(child: ChildProcess, { name, words, deadlineMs }: ReadySign): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let log = ''
  const fail = (why: string): void => reject(new Error(`${name} ${why}:\n${log}`))
  const deadline = setTimeout(() => fail('did not start in time'), deadlineMs)
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-logLengthMax)
    if (log.includes(words)) resolve()
  })
  child.once('error', reject)
  child.once('exit', () => fail('ended'))
  await promise.finally(() => clearTimeout(deadline))
}
