/**
 * Keeps what statements are about to change or remove: takes a snapshot before them, as the instance's owner has
 * decided. A statement runs whether one could be taken or not; then its user is told why there is none. Knows no
 * client.
 */

import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { Emitter } from '../../base/event.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import {
  snapshotReasonLengthMax,
  type SnapshotNote,
  type SnapshotPolicy,
  type SnapshotReason,
} from '../../contract/snapshot.ts'
import type { Engine } from '../engine/engine.ts'
import type { ParserClient, TextDanger } from '../parser/parser-client.ts'
import type { ComingStatement, StatementWatch } from '../session/statement-watch.ts'
import type { HostedInstance } from './hosted-instance.ts'
import { engineFolder } from './instance-record.ts'
import type { InstanceRegistry } from './instance-registry.ts'
import type { InstanceSnapshots } from './instance-snapshots.ts'
import { withQuietFiles } from './quiet-files.ts'

export interface StatementGuardOptions {
  readonly instances: InstanceRegistry
  readonly snapshots: InstanceSnapshots
  readonly parser: Pick<ParserClient, 'danger'>
  readonly clock: Clock
}

/** What is about to happen, and how the files are reached. */
export interface ComingDanger {
  readonly instance: HostedInstance
  readonly texts: readonly string[]
  readonly who: string
  readonly isScript: boolean
  /** `texts` is only its beginning. */
  readonly isLong?: boolean
  /** Whose turn it is: `none` takes one of its own, the others have it, outside of or in an open transaction. */
  readonly turn: 'none' | 'held' | 'in-transaction'
  readonly isConsole: boolean
  readonly signal?: AbortSignal
}

/** What is known of an instance's last snapshot. */
interface Guarded {
  /** As the engine of that time has it. */
  readonly engine: Engine | null
  readonly position: string | null
  /** Of its turns; nothing can have been committed since while it is the same. */
  readonly endCount: number
  readonly atMs: number
}

/** First words of statements that are looked at; comments may hide one. */
const looked = /^\s*(?:drop|alter|truncate|delete|update|create|do|with|explain|--|\/\*)/i
/** Of a statement that is longer the first words tell enough. */
const firstWordsBytes = 64
/** What is longer is not parsed for this: what its first words allow to be much is taken for much. */
const parsedBytesMax = 1 << 20

const utf8 = new TextDecoder()

export class StatementGuard implements StatementWatch {
  readonly #options: StatementGuardOptions
  readonly #last = new Map<string, Guarded>()
  /** What was told of already, by instance and kind. */
  readonly #toldProblems = new Set<string>()
  readonly #didTake = new Emitter<SnapshotNote>()
  readonly onDidTake = this.#didTake.event

  constructor(options: StatementGuardOptions) {
    this.#options = options
  }

  beforeStatement(coming: ComingStatement): Promise<boolean> | null {
    const { sql, isScript, instanceId } = coming
    if (!isScript && !looked.test(utf8.decode(sql.subarray(0, firstWordsBytes)))) return null
    const { instances } = this.#options
    // What is elsewhere, or in memory, has no files.
    if (!instances.has(instanceId)) return null
    const instance = instances.get(instanceId)
    if (instance.directory === null) return null
    const isLong = sql.length > parsedBytesMax
    const text = utf8.decode(isLong ? sql.subarray(0, snapshotReasonLengthMax) : sql)
    const protecting = this.protect({
      ...{ instance, texts: [text], isScript, isLong, who: coming.title, isConsole: true },
      turn: coming.inTransaction ? 'in-transaction' : 'held',
      signal: coming.signal,
    })
    // A script is looked at once.
    return protecting.then((isKept) => isKept || isScript)
  }

  /** When one was taken before a statement last, as the monotonic clock has it. */
  lastAtMs(instanceId: string): number {
    return this.#last.get(instanceId)?.atMs ?? Number.NEGATIVE_INFINITY
  }

  /** Takes a snapshot where it should be; whether it has been looked after. Never rejects. */
  async protect(coming: ComingDanger): Promise<boolean> {
    const { instance, isConsole } = coming
    try {
      const policy = await this.#options.snapshots.policyOf(instance.id)
      if (policy.before === 'nothing' || (!isConsole && policy.from === 'console')) return false
      const reason = coming.isLong
        ? longReason(coming)
        : this.#reasonOf(await this.#options.parser.danger(coming.texts), { coming, policy })
      if (reason === null) return false
      await this.#keep(coming, { reason, policy })
      return true
    } catch (error) {
      this.#tellProblem(coming, error)
      return false
    }
  }

  dispose(): void {
    this.#didTake.dispose()
  }

  #reasonOf(
    dangers: readonly TextDanger[],
    { coming, policy }: { readonly coming: ComingDanger; readonly policy: SnapshotPolicy },
  ): SnapshotReason | null {
    const { texts, who } = coming
    const text = texts.join('; ').trim().slice(0, snapshotReasonLengthMax)
    const isScript = dangers.some(({ statementCount }) => statementCount > 1)
    if (isScript && dangers.some(({ level }) => level !== 'read')) return { kind: 'script', text, who }
    const worst =
      dangers.find(({ level }) => level === 'destructive') ??
      dangers.find(({ level }) => level === 'definition' && policy.before === 'all')
    return worst ? { kind: 'statement', what: worst.what.slice(0, whatLengthMax), text, who } : null
  }

  async #keep(
    coming: ComingDanger,
    { reason, policy }: { readonly reason: SnapshotReason; readonly policy: SnapshotPolicy },
  ): Promise<void> {
    const { instance, isConsole, signal } = coming
    const { clock, snapshots } = this.#options
    const last = this.#last.get(instance.id)
    const { endCount } = instance.turns
    if (last?.endCount === endCount) return
    const wish = { reason, bytesMax: policy.automaticBytesMax }
    const watcher = signal ? { signal } : {}
    const known = { position: await this.#knownPosition(instance, last), isEmpty: true }
    const taken = await this.#inTurn(coming, known, async (quiet) => {
      const taking = snapshots.begin(instance, { ...wish, quiet }, watcher)
      await taking.read
      return { taking, position: quiet.position }
    })
    const engine = instance.isRunning ? await instance.engine() : null
    const position = taken ? taken.position : known.position
    this.#last.set(instance.id, { engine, position, endCount, atMs: clock.monotonicMs() })
    if (!taken) return
    const { id: snapshotId } = await taken.taking.taken
    const place = { instanceId: instance.id, instanceName: instance.name }
    this.#didTake.fire({ ...place, reason, snapshotId, problem: null, isNews: isConsole })
  }

  /** Of an engine that was started again nothing is known: after going back, positions mean something else. */
  async #knownPosition(instance: HostedInstance, last: Guarded | undefined): Promise<string | null> {
    if (!last?.engine || !instance.isRunning) return null
    return last.engine === (await instance.engine()) ? last.position : null
  }

  async #inTurn<T>(
    { instance, turn, signal }: ComingDanger,
    known: { readonly position: string | null; readonly isEmpty: boolean },
    work: (quiet: { directory: string; position: string | null }) => Promise<T>,
  ): Promise<T | null> {
    const { clock } = this.#options
    if (turn === 'none') {
      return withQuietFiles(instance, { title: 'a snapshot', clock, signal, unless: known }, work)
    }
    const directory = join(instance.directory ?? '', engineFolder)
    return instance.whileRead(async () => {
      // What is committed, as a crash would leave it.
      if (turn === 'in-transaction') return work({ directory, position: null })
      const engine = await instance.engine()
      const { state, position } = await engine.settleFiles({
        known: known.position,
        skipsEmpty: known.isEmpty,
      })
      return state === 'settled' ? work({ directory, position }) : null
    })
  }

  /** Once of each kind for an instance: what cannot be helped is not to be said before each statement. */
  #tellProblem({ instance, who, texts }: ComingDanger, error: unknown): void {
    const { code, message } = toWireError(error)
    if (code === 'cancelled') return
    const key = `${instance.id} ${code}`
    const isNews = !this.#toldProblems.has(key)
    this.#toldProblems.add(key)
    const text = texts.join('; ').slice(0, snapshotReasonLengthMax)
    this.#didTake.fire({
      ...{ instanceId: instance.id, instanceName: instance.name, snapshotId: null, isNews },
      reason: { kind: 'script', text, who },
      problem: message,
    })
    if (!(error instanceof WorkbenchError)) throw error
  }
}

/** Of what is not parsed. */
function longReason({ texts, who, isScript }: ComingDanger): SnapshotReason {
  const text = texts.join('; ').trim()
  return isScript ? { kind: 'script', text, who } : { kind: 'statement', what: 'a long statement', text, who }
}

/** As the contract has it. */
const whatLengthMax = 200
