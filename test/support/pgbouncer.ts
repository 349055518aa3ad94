/**
 * PgBouncer in front of a server of a test, in a directory of its own. Started as an unprivileged user where the tests
 * run as root, which it refuses. Knows nothing of what is tested with it.
 */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, untilReady } from './started-program.ts'
import type { ServerAddress } from './wire/server-address.ts'

/** How long a client keeps a connection of the server: pgbouncer.org/config.html, pool_mode. */
export type PoolMode = 'session' | 'transaction'

/** Debian's and everybody's `nobody`. */
const unprivilegedId = 65_534
const startDeadlineMs = 60_000
/** So few that clients have to share them. */
const poolSize = 3

export function hasPgBouncer(): boolean {
  return spawnSync('pgbouncer', ['--version']).status === 0
}

export class PgBouncer {
  readonly address: ServerAddress
  readonly #process: ChildProcess
  readonly #directory: string

  private constructor(address: ServerAddress, process: ChildProcess, directory: string) {
    this.address = address
    this.#process = process
    this.#directory = directory
  }

  static async start(server: ServerAddress, mode: PoolMode): Promise<PgBouncer> {
    const directory = mkdtempSync(join(tmpdir(), 'wardian-pgbouncer-'))
    const port = await freePort()
    const users = join(directory, 'users.txt')
    const settings = join(directory, 'pgbouncer.ini')
    writeFileSync(users, `"${server.user}" "${server.password}"\n`)
    writeFileSync(settings, settingsText(server, { users, port, mode }))
    for (const file of [users, settings]) chmodSync(file, 0o644)
    chmodSync(directory, 0o755)
    const isRoot = process.getuid?.() === 0
    const identity = isRoot ? { uid: unprivilegedId, gid: unprivilegedId } : {}
    if (isRoot) chownSync(directory, unprivilegedId, unprivilegedId)
    const child = spawn('pgbouncer', [settings], { ...identity, stdio: ['ignore', 'ignore', 'pipe'] })
    await untilReady(child, { name: 'PgBouncer', words: 'process up', deadlineMs: startDeadlineMs })
    return new PgBouncer({ ...server, port }, child, directory)
  }

  async stop(): Promise<void> {
    const exit = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await exit
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

interface Listening {
  readonly users: string
  readonly port: number
  readonly mode: PoolMode
}

function settingsText({ host, port: serverPort }: ServerAddress, { users, port, mode }: Listening): string {
  return `[databases]
* = host=${host} port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = ${mode}
default_pool_size = ${poolSize}
`
}
