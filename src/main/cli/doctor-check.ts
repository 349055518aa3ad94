/** What a check of `wardian doctor` finds. */

export type CheckStatus = 'ok' | 'warn' | 'fail'

/** One finding. `advice` says what to do, and is null when nothing need be done. */
export interface Check {
  readonly id: string
  readonly status: CheckStatus
  readonly finding: string
  readonly advice: string | null
}
