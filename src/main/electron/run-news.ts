/**
 * Which ends of statements are news to somebody who looks elsewhere, and what they are told. Imports nothing of
 * Electron, so that it is tested.
 */

import type { ParamsOf } from '../../contract/contract-table.ts'
import type { ShellContract } from '../../contract/shell-contract.ts'

export type EndedRun = ParamsOf<ShellContract['shell.didEndRun']>

/** Shorter ones were waited for. */
const newsDurationMinMs = 5_000

export interface News {
  readonly title: string
  readonly body: string
}

/**
 * null: not news. What a notification shows may be read by whoever passes the screen, so that it has no SQL and no
 * value: the console's title and how it went.
 */
export function newsOf(
  { title, durationMs, outcome, words }: EndedRun,
  { isLookedAt, notifies }: { readonly isLookedAt: boolean; readonly notifies: boolean },
): News | null {
  if (isLookedAt || !notifies || durationMs < newsDurationMinMs || outcome === 'cancelled') return null
  const seconds = Math.round(durationMs / 1_000)
  const took = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
  return {
    title: `${title} ${outcome === 'ok' ? 'has finished' : 'has failed'}`,
    body: outcome === 'ok' ? `${words === '' ? 'Done' : words}, after ${took}` : `After ${took}`,
  }
}
