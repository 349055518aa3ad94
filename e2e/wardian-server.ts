/**
 * A `wardian serve` of its own for a spec: the built program on a fresh data directory, started, killed and started
 * again as the spec wants. Knows no page.
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Page } from '@playwright/test'
import type { CommandEnd, HostUnderTest, Ready, StartOptions } from './host-under-test.ts'
import { PortLease } from './port-lease.ts'

export const launcher = join(import.meta.dirname, '../bin/wardian.mjs')

interface ServerOptions {
  /** Part of the name of its directory. */
  readonly label: string
  /** A data directory to start from a copy of. */
  readonly original?: string
}

/** POSIX counts `ulimit -f` in blocks of this size (utilities, ulimit). */
const fileBlockBytes = 512

export class WardianServer implements HostUnderTest {
  readonly dataDirectory: string
  readonly #lease: PortLease
  #child: ChildProcess | null = null
  #ready: Ready | null = null
  #narration = ''

  private constructor(dataDirectory: string, lease: PortLease) {
    this.dataDirectory = dataDirectory
    this.#lease = lease
  }

  /** Not started yet, with a data directory that nobody has used, or with a copy of `original`. */
  static async create({ label, original }: ServerOptions): Promise<WardianServer> {
    const directory = await mkdtemp(join(tmpdir(), `wardian-${label}-`))
    if (original !== undefined) await cp(original, directory, { recursive: true })
    return new WardianServer(directory, await PortLease.take())
  }

  get ready(): Ready {
    if (!this.#ready) throw new Error('The server has not been started')
    return this.#ready
  }

  get origin(): string {
    return new URL(this.ready.url).origin
  }

  hostProcessId(): Promise<number> {
    return Promise.resolve(this.#child?.pid ?? 0)
  }

  /** What it said on stderr since it was created. */
  get narration(): string {
    return this.#narration
  }

  /** Starts it on its own port, the same each time, and waits until it is ready. */
  async start({ environment = {}, fileBytesMax, user }: StartOptions = {}): Promise<Ready> {
    const port = String(this.#lease.port)
    const flags = ['serve', '--data', this.dataDirectory, '--port', port, '--no-open', '--json']
    const command = [process.execPath, launcher, ...flags]
    const limit = fileBytesMax === undefined ? 'unlimited' : String(fileBytesMax / fileBlockBytes)
    const child = spawn('sh', ['-c', 'ulimit -f "$0" && exec "$@"', limit, ...command], {
      ...user,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    })
    this.#child = child
    child.stderr.on('data', (part: Buffer) => (this.#narration += part.toString()))
    const ended = once(child, 'exit').then(() => {
      throw new Error(`wardian serve ended before it was ready:\n${this.#narration}`)
    })
    const lines = createInterface(child.stdout)
    const firstLine = once(lines, 'line') as Promise<[string]>
    const [line] = await Promise.race([firstLine, ended])
    ended.catch(() => undefined)
    this.#ready = JSON.parse(line) as Ready
    return this.#ready
  }

  /** Ends it as a person or a service manager would; resolves with its exit code. */
  stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<number | null> {
    return this.#end(signal)
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async dispose(): Promise<void> {
    await this.#end('SIGKILL')
    // Its asynchronous twin takes seconds for the two thousand files of two databases.
    rmSync(this.dataDirectory, { recursive: true, force: true })
    await this.#lease.release()
  }

  /** Opens the address that was printed. */
  async show(page: Page): Promise<Page> {
    // From the workbench itself a new token would be a new fragment: the page stays at first, and then reloads.
    await page.goto('about:blank')
    await page.goto(this.ready.url)
    return page
  }

  /** Runs another command of the program on the same data directory. */
  command(args: readonly string[]): Promise<CommandEnd> {
    return runWardian([...args, '--data', this.dataDirectory])
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const exited = once(child, 'exit') as Promise<[number | null]>
    child.kill(signal)
    const [code] = await exited
    return code
  }
}

/** Runs one command of the built program to its end. */
export async function runWardian(
  args: readonly string[],
  { input = '' }: { readonly input?: string } = {},
): Promise<CommandEnd> {
  const child = spawn(process.execPath, [launcher, ...args])
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => stdout.push(part))
  child.stderr.on('data', (part: Buffer) => stderr.push(part))
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
}
