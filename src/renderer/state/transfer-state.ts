/**
 * Databases on the move, as this window shows it: what is being asked about a transfer, the one that runs, and how the
 * last one of each database ended. Knows no file system; files come and go as the page's own.
 */

import type { Disposable } from '../../base/disposable.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import { textPartBytesMax } from '../../contract/limits.ts'
import type {
  CopyReport,
  DumpOptions,
  Migration,
  RestoreReport,
  RestoreTarget,
  TransferEvent,
  TransferProgress,
  TransferScope,
} from '../../contract/transfer.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import type { InstanceState } from './instance-state.ts'
import { Store } from './store.ts'

export type TransferKind = 'dump' | 'restore' | 'copy' | 'migrate'

/** Which form is open, and of which database. */
export interface TransferForm {
  readonly kind: Exclude<TransferKind, 'migrate'>
  readonly instanceId: string
}

export interface RunningTransfer {
  readonly kind: TransferKind
  readonly instanceId: string
  /** Null until the host has told. */
  readonly progress: TransferProgress | null
  readonly isCancelling: boolean
}

/** How one ended. */
export interface TransferOutcome {
  readonly kind: TransferKind
  readonly status: 'done' | 'failed' | 'cancelled'
  readonly text: string
  /** What was said on the way. */
  readonly notices: readonly string[]
}

export interface RestoreChoices {
  readonly file: File
  readonly noOwner: boolean
  readonly noPrivileges: boolean
}

/** Kept of what pg_dump and the database say; more is a log that nobody reads here. */
const noticesMax = 200

/** An address rather than a name. */
const address = /^postgres(?:ql)?:\/\//i

export class TransferState implements Disposable {
  readonly form = new Store<TransferForm | null>(null)
  /** One at a time. */
  readonly running = new Store<RunningTransfer | null>(null)
  readonly outcomes = new Store<ReadonlyMap<string, TransferOutcome>>(new Map())
  readonly #client: WorkbenchClient
  readonly #instances: InstanceState
  #cancelling = new AbortController()
  #notices: string[] = []

  constructor(client: WorkbenchClient, instances: InstanceState) {
    this.#client = client
    this.#instances = instances
  }

  /** Opens a form, or closes it with null. */
  ask(kind: TransferForm['kind'] | null, instance: Instance | null): void {
    this.form.set(kind && instance ? { kind, instanceId: instance.id } : null)
    // How the last one ended has been read.
    if (instance) this.dismiss(instance.id)
  }

  /** `save` gets the whole dump, which the browser keeps outside of the page's memory. */
  async dump(instance: Instance, options: DumpOptions, save: (dump: Blob) => void): Promise<void> {
    await this.#run('dump', instance, async (signal) => {
      const source = { kind: 'instance', instanceId: instance.id } as const
      const stream = this.#client.stream('transfer.dump', { source, options })
      const pieces: Blob[] = []
      signal.addEventListener('abort', () => stream.dispose())
      for await (const { value, buffers } of stream) {
        if (value.kind === 'data') pieces.push(new Blob([...buffers]))
        else this.#tell(value)
      }
      const report = await stream.result
      save(new Blob(pieces))
      return `Dumped ${bytesWords(report.bytes)} in ${secondsWords(report)}`
    })
  }

  async restore(instance: Instance, { file, ...choices }: RestoreChoices): Promise<void> {
    await this.#run('restore', instance, async (signal) => {
      const uploadId = crypto.randomUUID()
      const target = { kind: 'instance', instanceId: instance.id } as const
      const stream = this.#client.stream('transfer.restore', {
        ...{ uploadId, bytesTotal: file.size, target, ...choices },
      })
      signal.addEventListener('abort', () => stream.dispose())
      let unreadable: WorkbenchError | null = null
      const upload = this.#upload(uploadId, file, signal).catch((error: unknown) => {
        // What goes wrong at the host is told by the stream, in its own words.
        if (error instanceof WorkbenchError) return
        unreadable = new WorkbenchError('storage-failed', `${file.name} could not be read; choose it again`)
        stream.dispose()
      })
      try {
        for await (const { value } of stream) this.#tell(value)
      } catch (error) {
        throw unreadable ?? error
      }
      await upload
      return restoreWords(await stream.result)
    })
  }

  /** `to` is the name of a database, which is made if there is none, or the address of one. */
  async copy(instance: Instance, to: string, scope: TransferScope): Promise<void> {
    await this.#run('copy', instance, async (signal) => {
      const source = { kind: 'instance', instanceId: instance.id } as const
      const stream = this.#client.stream('transfer.copy', { source, target: this.#target(to), scope })
      signal.addEventListener('abort', () => stream.dispose())
      for await (const { value } of stream) this.#tell(value)
      const report = await stream.result
      return copyWords(`Copied to ${report.targetName}`, report)
    })
  }

  async migrate(instance: Instance): Promise<void> {
    await this.#run('migrate', instance, async (signal) => {
      const stream = this.#client.stream('transfer.migrate', { instanceId: instance.id })
      signal.addEventListener('abort', () => stream.dispose())
      for await (const { value } of stream) this.#tell(value)
      return copyWords(`Migrated ${instance.name}`, await stream.result)
    })
  }

  /** Null where there is nothing to migrate. */
  migrationOf(instanceId: string): Promise<Migration | null> {
    return this.#client.call('transfer.migration', { instanceId })
  }

  cancel(): void {
    this.#cancelling.abort()
    const running = this.running.value
    if (running) this.running.set({ ...running, isCancelling: true })
  }

  dismiss(instanceId: string): void {
    const outcomes = new Map(this.outcomes.value)
    outcomes.delete(instanceId)
    this.outcomes.set(outcomes)
  }

  dispose(): void {
    this.#cancelling.abort()
    for (const store of [this.form, this.running, this.outcomes]) store.dispose()
  }

  async #run(
    kind: TransferKind,
    { id: instanceId }: Instance,
    work: (signal: AbortSignal) => Promise<string>,
  ): Promise<void> {
    if (this.running.value) return
    this.#cancelling = new AbortController()
    this.#notices = []
    this.dismiss(instanceId)
    this.form.set(null)
    this.running.set({ kind, instanceId, progress: null, isCancelling: false })
    const { signal } = this.#cancelling
    let outcome: Pick<TransferOutcome, 'status' | 'text'>
    try {
      outcome = { status: 'done', text: await work(signal) }
    } catch (error) {
      outcome = signal.aborted
        ? { status: 'cancelled', text: cancelledWords[kind] }
        : { status: 'failed', text: failedWords(kind, error) }
    }
    const notices = this.#notices
    this.running.set(null)
    this.outcomes.set(new Map([...this.outcomes.value, [instanceId, { kind, notices, ...outcome }]]))
  }

  #tell(event: TransferEvent): void {
    const running = this.running.value
    if (event.kind === 'progress' && running) this.running.set({ ...running, progress: event })
    if (event.kind === 'notice' && this.#notices.length < noticesMax) this.#notices.push(event.text)
  }

  #target(to: string): RestoreTarget {
    const name = to.trim()
    if (address.test(name)) return { kind: 'url', url: name }
    const found = this.#instances.instances.value.find((instance) => instance.name === name)
    return found ? { kind: 'instance', instanceId: found.id } : { kind: 'newInstance', name }
  }

  async #upload(uploadId: string, file: File, signal: AbortSignal): Promise<void> {
    for (let at = 0; at < file.size; at += textPartBytesMax) {
      const buffer = await file.slice(at, at + textPartBytesMax).arrayBuffer()
      await this.#client.call('transfer.upload', { uploadId, isLast: false }, { buffers: [buffer], signal })
    }
    await this.#client.call('transfer.upload', { uploadId, isLast: true }, { signal })
  }
}

const cancelledWords: Readonly<Record<TransferKind, string>> = {
  dump: 'The dump was cancelled; there is no file',
  restore: 'The restore was cancelled; the database is as it was',
  copy: 'The copy was cancelled; the other database is as it was',
  migrate: 'The migration was cancelled; the database is as it was',
}

/** Whether what was sent last was committed is not known where the connection is gone. */
function failedWords(kind: TransferKind, error: unknown): string {
  const { code, message } = toWireError(error)
  return kind === 'dump' || code === 'disconnected' ? message : `${message}\nNothing was changed.`
}

function restoreWords(report: RestoreReport): string {
  const { statements, rows, bytes } = report
  const counts = `${counted(statements, 'statement')}, ${counted(rows, 'row')}`
  return `Restored ${bytesWords(bytes)} in ${secondsWords(report)}: ${counts}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function copyWords(what: string, report: CopyReport): string {
  const { rows, tables, sequences, largeObjects } = report
  return (
    `${what} in ${secondsWords(report)}. The same on both sides, by count and checksum: ` +
    `${counted(rows, 'row')} of ${counted(tables, 'table')}, ${counted(sequences, 'sequence')}, ` +
    counted(largeObjects, 'large object')
  )
}

export function bytesWords(bytes: number): string {
  if (bytes < 1 << 10) return `${bytes} bytes`
  return bytes < 1 << 20 ? `${(bytes / (1 << 10)).toFixed(1)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`
}

function secondsWords({ durationMs }: { readonly durationMs: number }): string {
  return `${(durationMs / 1_000).toFixed(1)} s`
}
