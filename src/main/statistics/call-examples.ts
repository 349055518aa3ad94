/** The slowest call of late of each statement, in memory, so that a plan can be asked for with real values. */

import type { StatementExample, StatisticsSettings } from '../../contract/statistics.ts'
import { withoutPasswords } from '../../parser/password-redaction.ts'
import type { CallExample } from './statement-deltas.ts'

export interface StatementKey {
  readonly instanceId: string
  readonly fingerprint: string
}

/** Some 2 KB each. */
const examplesMax = 2_000
/** A faster one takes the place of one that is older. */
const staleMs = 3_600_000

export class CallExamples {
  readonly #examples = new Map<string, StatementExample & StatementKey>()

  of(key: StatementKey): StatementExample | null {
    const found = this.#examples.get(nameOf(key))
    if (!found) return null
    const { text, parameters, durationMs, atMs } = found
    return { text, parameters, durationMs, atMs }
  }

  /** Answers it if it is kept. */
  keep(
    key: StatementKey,
    {
      example,
      atMs,
      mode,
    }: { example: CallExample | null; atMs: number; mode: StatisticsSettings['examples'] },
  ): StatementExample | null {
    if (!example || mode === 'off') return null
    const name = nameOf(key)
    const known = this.#examples.get(name)
    if (known && known.durationMs > example.durationMs && atMs - known.atMs < staleMs) return null
    const [oldest] = this.#examples.keys()
    if (!known && this.#examples.size >= examplesMax && oldest !== undefined) this.#examples.delete(oldest)
    const kept = { ...example, text: withoutPasswords(example.text), atMs }
    this.#examples.set(name, { ...kept, ...key })
    return kept
  }

  forget(instanceId: string | null, fingerprint: string | null): void {
    for (const [name, example] of this.#examples) {
      const isMeant = instanceId === null || example.instanceId === instanceId
      if (isMeant && (fingerprint === null || example.fingerprint === fingerprint))
        this.#examples.delete(name)
    }
  }
}

function nameOf({ instanceId, fingerprint }: StatementKey): string {
  return `${instanceId} ${fingerprint}`
}
