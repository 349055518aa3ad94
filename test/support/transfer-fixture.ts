/** A host whose databases are moved as a client moves them, for tests of dumps, restores and copies. */

import { afterAll, beforeAll, expect, vi } from 'vitest'
import { present } from '../../src/base/assert.ts'
import { openDisposables } from '../../src/base/disposable.ts'
import { systemClock } from '../../src/base/clock.ts'
import { textPartBytesMax } from '../../src/contract/limits.ts'
import {
  wholeDatabase,
  type DatabasePlace,
  type DumpOptions,
  type RestoreReport,
  type RestoreTarget,
  type TransferEvent,
} from '../../src/contract/transfer.ts'
import { startHost, type WorkbenchHost } from '../../src/main/host/workbench-host.ts'
import { connect, Console, type WorkbenchClient } from './client-fixture.ts'
import { openTimeoutMs } from './engine-fixture.ts'
import { temporaryDirectory } from './temporary-directory.ts'

export const sqlDump: DumpOptions = { format: 'sql', inserts: false, clean: false, scope: wholeDatabase }

/** Threads and sockets that are ending. */
const settlingMsMax = 20_000

export interface RestoreWishes {
  readonly noOwner?: boolean
  readonly noPrivileges?: boolean
  readonly signal?: AbortSignal
  onEvent?(event: TransferEvent): void
}

export class TransferFixture {
  readonly path = temporaryDirectory()
  #host: WorkbenchHost | null = null
  #client: WorkbenchClient | null = null
  #uploadCount = 0

  get client(): WorkbenchClient {
    return present(this.#client, 'the client')
  }

  async open(): Promise<void> {
    const ignore = (): void => undefined
    this.#host = await startHost({
      ...{ dataDirectory: this.path('data'), shell: 'command', clock: systemClock },
      log: { info: ignore, warn: ignore, error: ignore },
    })
    this.#client = connect(this.#host)
  }

  async close(): Promise<void> {
    this.#client?.dispose()
    await this.#host?.stop()
  }

  /** An instance in memory, with roles of these names. */
  async create(
    name: string,
    ...roles: readonly string[]
  ): Promise<DatabasePlace & { readonly kind: 'instance' }> {
    const { id } = await this.client.call('instance.create', { name, storage: 'memory', withSample: false })
    const place = { kind: 'instance', instanceId: id } as const
    for (const role of roles) await this.run(place, `create role ${role}`)
    return place
  }

  /** The rows of one statement. */
  async run(place: { readonly instanceId: string }, sql: string): Promise<(string | null)[][]> {
    const console = await Console.open(this.client, place.instanceId, 'test')
    const { statements } = await console.run(sql)
    await this.client.call('session.close', { sessionId: console.sessionId })
    const [first] = statements
    if (first?.outcome?.error) throw new Error(first.outcome.error.message)
    return first?.rows ?? []
  }

  async names(): Promise<string[]> {
    return (await this.client.call('instance.list', null)).map(({ name }) => name)
  }

  async dump(source: DatabasePlace, options: Partial<DumpOptions> = {}): Promise<Buffer> {
    const stream = this.client.stream('transfer.dump', { source, options: { ...sqlDump, ...options } })
    const pieces: Buffer[] = []
    for await (const { buffers } of stream) for (const buffer of buffers) pieces.push(Buffer.from(buffer))
    const { bytes } = await stream.result
    const dump = Buffer.concat(pieces)
    if (dump.length !== bytes) throw new Error(`${dump.length} bytes came of ${bytes}`)
    return dump
  }

  /** An SQL dump without what differs by chance: the key of \restrict. */
  async dumpText(source: DatabasePlace, options: Partial<DumpOptions> = {}): Promise<string> {
    return plainDump((await this.dump(source, options)).toString())
  }

  async restore(
    target: RestoreTarget,
    script: string | Buffer,
    wishes: RestoreWishes = {},
  ): Promise<RestoreReport> {
    const uploadId = `upload-${this.#uploadCount++}`
    const { noOwner = false, noPrivileges = false, signal, onEvent } = wishes
    const bytes = Buffer.from(script)
    const stream = this.client.stream(
      'transfer.restore',
      { uploadId, bytesTotal: bytes.length, target, noOwner, noPrivileges },
      { signal },
    )
    const upload = this.#upload(uploadId, bytes).catch((error: unknown) => error)
    try {
      for await (const { value } of stream) onEvent?.(value)
      return await stream.result
    } finally {
      await upload
    }
  }

  async #upload(uploadId: string, bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; at += textPartBytesMax) {
      const { buffer } = Uint8Array.from(bytes.subarray(at, at + textPartBytesMax))
      await this.client.call('transfer.upload', { uploadId, isLast: false }, { buffers: [buffer] })
    }
    await this.client.call('transfer.upload', { uploadId, isLast: true })
  }
}

export function plainDump(dump: string): string {
  return dump.replaceAll(/^(\\(?:un)?restrict) .*$/gm, '$1')
}

/** One host for all tests of a suite. Registers hooks. */
export function transferFixture(): TransferFixture {
  const fixture = new TransferFixture()
  beforeAll(() => fixture.open(), openTimeoutMs)
  afterAll(async () => {
    await fixture.close()
    await vi.waitFor(() => expect(openDisposables()).toEqual({}), { timeout: settlingMsMax })
  }, openTimeoutMs)
  return fixture
}
