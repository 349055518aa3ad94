/** A policy as it is typed: numbers as texts, in units that people use. Pure. */

import type { SnapshotPolicy } from '../../contract/snapshot.ts'

export interface PolicyDraft {
  readonly before: SnapshotPolicy['before']
  readonly from: SnapshotPolicy['from']
  /** Empty: never. */
  readonly everyMinutes: string
  readonly distanceSeconds: string
  readonly automaticMegabytes: string
  readonly budgetMegabytes: string
}

const minuteMs = 60_000
const secondMs = 1_000
const megabyte = 1 << 20

/** As the contract has them. */
const everyMinutesMax = 31 * 24 * 60
const distanceSecondsMax = 7 * 24 * 60 * 60
const megabytesMax = 1 << 30

export function draftOf(policy: SnapshotPolicy): PolicyDraft {
  const { before, from, everyMs, distanceMs, automaticBytesMax, budgetBytes } = policy
  return {
    ...{ before, from, everyMinutes: everyMs === null ? '' : String(everyMs / minuteMs) },
    distanceSeconds: String(distanceMs / secondMs),
    automaticMegabytes: String(Math.round(automaticBytesMax / megabyte)),
    budgetMegabytes: String(Math.round(budgetBytes / megabyte)),
  }
}

/** Of a draft without problems. */
export function policyOf(draft: PolicyDraft): SnapshotPolicy {
  const { before, from, everyMinutes } = draft
  return {
    ...{ before, from, everyMs: everyMinutes.trim() === '' ? null : Number(everyMinutes) * minuteMs },
    distanceMs: Number(draft.distanceSeconds) * secondMs,
    automaticBytesMax: Number(draft.automaticMegabytes) * megabyte,
    budgetBytes: Number(draft.budgetMegabytes) * megabyte,
  }
}

/** By field; empty when it can be saved. */
export function problemsOf(draft: PolicyDraft): Partial<Record<keyof PolicyDraft, string>> {
  const isNever = draft.everyMinutes.trim() === ''
  const found = {
    everyMinutes: isNever ? null : problemOf(draft.everyMinutes, 1, everyMinutesMax),
    distanceSeconds: problemOf(draft.distanceSeconds, 0, distanceSecondsMax),
    automaticMegabytes: problemOf(draft.automaticMegabytes, 0, megabytesMax),
    budgetMegabytes: problemOf(draft.budgetMegabytes, 1, megabytesMax),
  }
  return Object.fromEntries(Object.entries(found).filter(([, problem]) => problem !== null))
}

function problemOf(text: string, min: number, max: number): string | null {
  const value = Number(text)
  const isWhole = /^\s*\d+\s*$/.test(text)
  return isWhole && value >= min && value <= max ? null : `A whole number from ${min} to ${max}`
}
