/**
 * The thread of a PGlite of an earlier Postgres, which alone can read the directories that it has written. Runs what
 * pg_dump sends, and waits while nobody takes the answers. Knows neither pg_dump nor the instance.
 */

import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { Extension, PGlite } from 'pglite-postgres-17'
import { present } from '../../base/assert.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import { frameBytes, frameHeadBytes } from '../engine/protocol/message-frames.ts'
import {
  earlierPiecesMax,
  earlierWords,
  type EarlierEngineInput,
  type EarlierEngineMessage,
  type EarlierEngineStart,
} from './earlier-engine-messages.ts'
import { earlierProgram, type EarlierProgram } from './earlier-program.ts'

/** Where PGlite's users have their data: in `postgres` since 0.4, in `template1` before. */
const databases = ['postgres', 'template1'] as const
const ownObjects = `select count(*)::integer as number from pg_class where oid >= 16384`
const installed = `select extname::text as name from pg_extension where extname <> 'plpgsql'`

/** What a server reports at the start (PostgreSQL 18 documentation, section 54.2.7). */
const reported = `select name, setting from pg_settings where name in ('server_version', 'server_encoding',
  'client_encoding', 'standard_conforming_strings', 'integer_datetimes', 'DateStyle', 'IntervalStyle', 'TimeZone',
  'is_superuser', 'session_authorization', 'in_hot_standby', 'default_transaction_read_only')`

const port = present(parentPort, 'The port to the host')
const start = workerData as EarlierEngineStart
const words = new Int32Array(start.words)
const packageFile = createRequire(import.meta.url).resolve('pglite-postgres-17')

function tell(message: EarlierEngineMessage): void {
  port.postMessage(message, message.kind === 'output' ? [message.bytes.buffer] : [])
}

interface Opening extends EarlierProgram {
  readonly database: string
  readonly extensions: Record<string, Extension>
}

async function open(opening: Opening): Promise<PGlite> {
  const { PGlite: EarlierPGlite } = await import('pglite-postgres-17')
  return EarlierPGlite.create(start.directory, opening)
}

/** In the database that somebody has used, with the extensions that are in it. */
async function openUsed(): Promise<{ readonly pglite: PGlite; readonly database: string }> {
  const program = await earlierProgram(dirname(packageFile))
  for (const database of databases) {
    const pglite = await open({ ...program, database, extensions: {} })
    const { rows } = await pglite.query<{ number: number }>(ownObjects)
    const names = (await pglite.query<{ name: string }>(installed)).rows.map(({ name }) => name)
    const isUsed = (rows[0]?.number ?? 0) > 3 || names.length > 0
    if (isUsed && names.length === 0) return { pglite, database }
    await pglite.close()
    if (!isUsed) continue
    const extensions = await extensionsOf(names)
    return { pglite: await open({ ...program, database, extensions }), database }
  }
  const [database] = databases
  return { pglite: await open({ ...program, database, extensions: {} }), database }
}

async function extensionsOf(names: readonly string[]): Promise<Record<string, Extension>> {
  const loaded: Record<string, Extension> = {}
  for (const name of names) loaded[name] = await loadExtension(name)
  return loaded
}

/** They lie in the package, Postgres's own under `contrib`. */
async function loadExtension(name: string): Promise<Extension> {
  const file = name.replaceAll('-', '_')
  for (const path of [`./contrib/${file}.js`, `./${file}/index.js`]) {
    try {
      const module = (await import(new URL(path, pathToFileURL(packageFile)).href)) as Record<
        string,
        Extension
      >
      if (module[file]) return module[file]
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_MODULE_NOT_FOUND')
        throw error
    }
  }
  throw new WorkbenchError(
    'unsupported',
    `The directory has the extension ${name}, which does not come with the Postgres that wrote it; drop it there first`,
  )
}

/** Gathers whole messages, and runs them one after the other. */
class Conversation {
  readonly #pglite: PGlite
  #input: Uint8Array = new Uint8Array(0)
  #pieceCount = 0
  #running: Promise<void> = Promise.resolve()

  constructor(pglite: PGlite) {
    this.#pglite = pglite
  }

  add(bytes: Uint8Array): void {
    this.#input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes])
    let end = 0
    while (this.#input.length - end >= frameHeadBytes) {
      const length = frameBytes(this.#input, end)
      if (this.#input.length - end < length) break
      end += length
    }
    if (end === 0) return
    const whole = this.#input.slice(0, end)
    this.#input = this.#input.subarray(end)
    this.#running = this.#running.then(() => this.#run(whole)).catch((error: unknown) => fail(error))
  }

  async #run(messages: Uint8Array): Promise<void> {
    const onRawData = (bytes: Uint8Array): void => this.#put(bytes)
    await this.#pglite.execProtocolRawStream(messages, { syncToFs: false, onRawData })
  }

  /** Blocks the backend while the host has not taken enough. */
  #put(bytes: Uint8Array): void {
    for (;;) {
      const taken = Atomics.load(words, earlierWords.taken)
      if (this.#pieceCount - taken < earlierPiecesMax) break
      Atomics.wait(words, earlierWords.taken, taken)
    }
    this.#pieceCount++
    tell({ kind: 'output', bytes: Uint8Array.from(bytes) })
  }
}

function fail(error: unknown): void {
  tell({ kind: 'failed', error: toWireError(error) })
}

try {
  const { pglite, database } = await openUsed()
  const { rows } = await pglite.query<{ name: string; setting: string }>(reported)
  const conversation = new Conversation(pglite)
  port.on('message', (bytes: EarlierEngineInput) => conversation.add(bytes))
  tell({ kind: 'ready', database, parameters: rows.map(({ name, setting }) => [name, setting]) })
} catch (error) {
  fail(error)
}
