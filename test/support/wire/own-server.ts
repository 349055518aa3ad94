/** `wardian pg` of this checkout as a program of its own, from its sources, with a directory of its own. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ServerAddress } from './server-address.ts'

const REPOSITORY = join(import.meta.dirname, '../../..')

export interface OwnServer {
  readonly address: ServerAddress
  readonly child: ChildProcess
  stop(): Promise<void>
}

/** On a temporary instance; `directory` is the caller's to remove. */
export async function startWardian(directory: string): Promise<OwnServer> {
  const words = ['src/main/cli/main.ts', 'pg', '--temporary', '--json', '--data', join(directory, 'data')]
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  const child = spawn(process.execPath, words, { cwd: REPOSITORY, detached: true, stdio: [...stdio] })
  return { address: await firstAddress(child, words.join(' ')), child, stop: () => endProcess(child) }
}

export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
  await exit
}

/** What a program that serves prints as its first line of JSON. */
export async function firstAddress(child: ChildProcess, command: string): Promise<ServerAddress> {
  if (!child.stdout) throw new Error('The command has no output')
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.trimStart().startsWith('{')) continue
    child.stdout.resume()
    return JSON.parse(line) as ServerAddress
  }
  throw new Error(`The command ended without printing an address: ${command}`)
}
