/**
 * What has been counted and is not stored yet: statements by instance, fingerprint and part of the time, added up as
 * it comes. Knows no thread.
 */

import type { StatementCaller, StatementExample } from '../../contract/statistics.ts'
import { mergeCallers, mergeCodes } from '../storage/statistics-merge.ts'
import type { StatementPart } from '../storage/statistics-rows.ts'
import { LatencyHistogram } from './latency-histogram.ts'
import type { ShapeDelta } from './statement-deltas.ts'

/** A statement as it is stored. */
export interface KnownStatement {
  readonly fingerprint: string
  readonly text: string
}

/** Where and when it ran. */
export interface PartPlace {
  readonly instanceId: string
  readonly startMs: number
  readonly lengthMs: number
  readonly atMs: number
}

/** Parts that wait for the store; reaching it means that the disk does not answer. */
const pendingMax = 20_000
const nameLengthMax = 256

interface Pending {
  part: Omit<StatementPart, 'stepNumbers' | 'errorCodes' | 'callers'>
  errorCodes: StatementPart['errorCodes']
  callers: readonly StatementCaller[]
  readonly histogram: LatencyHistogram
}

export class PendingParts {
  readonly #pending = new Map<string, Pending>()
  #dropped = 0

  get isEmpty(): boolean {
    return this.#pending.size === 0
  }

  /** How many were dropped since it was asked last. */
  takeDropped(): number {
    const dropped = this.#dropped
    this.#dropped = 0
    return dropped
  }

  /** `example`: what is kept of the one that the delta brings. */
  add(
    statement: KnownStatement,
    { place, delta, example }: { place: PartPlace; delta: ShapeDelta; example: StatementExample | null },
  ): void {
    const key = `${place.instanceId} ${place.startMs} ${statement.fingerprint}`
    const pending = this.#pending.get(key) ?? this.#begin(key, statement, place)
    if (!pending) return
    const { part, histogram } = pending
    pending.part = {
      ...part,
      lastSeenMs: Math.max(part.lastSeenMs, place.atMs),
      calls: part.calls + delta.calls,
      errors: part.errors + delta.errors,
      rows: part.rows + delta.rows,
      bytes: part.bytes + delta.bytes,
      cacheHits: part.cacheHits + delta.cacheHits,
      totalMs: part.totalMs + delta.totalMs,
      maxMs: Math.max(part.maxMs, delta.maxMs),
      waitMs: part.waitMs + delta.waitMs,
      example: slower(part.example, example),
    }
    histogram.addPairs(delta.steps)
    if (delta.errorCodes) {
      const codes = [...delta.errorCodes].map(([sqlState, count]) => ({ sqlState, count }))
      pending.errorCodes = mergeCodes([...pending.errorCodes, ...codes])
    }
    pending.callers = mergeCallers([...pending.callers, callerOf(delta)])
  }

  /** The next `countMax` for the store, with their steps one after the other; they are forgotten here. */
  take(countMax: number): { readonly parts: StatementPart[]; readonly steps: Float64Array<ArrayBuffer> } {
    const taken = [...this.#pending].slice(0, countMax)
    const steps: number[] = []
    const parts = taken.map(([key, { part, errorCodes, callers, histogram }]) => {
      this.#pending.delete(key)
      const pairs = histogram.pairs()
      for (const number of pairs) steps.push(number)
      return { ...part, errorCodes, callers, stepNumbers: pairs.length }
    })
    return { parts, steps: Float64Array.from(steps) }
  }

  /** Of one statement, of an instance, or everything. */
  forget(instanceId: string | null, fingerprint: string | null): void {
    for (const [key, { part }] of this.#pending) {
      const isMeant = instanceId === null || part.instanceId === instanceId
      if (isMeant && (fingerprint === null || part.fingerprint === fingerprint)) this.#pending.delete(key)
    }
  }

  #begin(key: string, statement: KnownStatement, place: PartPlace): Pending | null {
    if (this.#pending.size >= pendingMax) {
      this.#dropped += 1
      return null
    }
    const { instanceId, startMs, lengthMs, atMs } = place
    const part = {
      ...{ instanceId, startMs, lengthMs, firstSeenMs: atMs, lastSeenMs: atMs, ...statement },
      ...{ calls: 0, errors: 0, rows: 0, bytes: 0, cacheHits: 0, totalMs: 0, maxMs: 0, waitMs: 0 },
      example: null,
    }
    const pending = { part, errorCodes: [], callers: [], histogram: new LatencyHistogram() }
    this.#pending.set(key, pending)
    return pending
  }
}

function slower(a: StatementExample | null, b: StatementExample | null): StatementExample | null {
  if (!a || !b) return a ?? b
  return b.durationMs > a.durationMs ? b : a
}

function callerOf({ caller, calls, totalMs }: ShapeDelta): StatementCaller {
  const application = caller.application.slice(0, nameLengthMax)
  return { application, endpoint: caller.endpoint, user: caller.user.slice(0, nameLengthMax), calls, totalMs }
}
