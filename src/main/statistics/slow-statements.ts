/**
 * The log of slow statements: the last ones in memory, all of them as a file of JSON lines that is bounded. Says
 * nothing of what is slow.
 */

import { appendFile, mkdir, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { slowStatementsMax, statementTextLengthMax, type SlowStatement } from '../../contract/statistics.ts'
import { withoutPasswords } from '../../parser/password-redaction.ts'
import type { KnownStatement } from './pending-parts.ts'
import type { SlowCall } from './statement-deltas.ts'

/** Then it is put aside, in the place of the one before. */
const fileBytesMax = 10 << 20

export class SlowStatements {
  readonly #file: string | null
  readonly #onFailure: (error: unknown) => void
  #latest: SlowStatement[] = []

  /** `onFailure` is told what hinders the file to be written; nobody else waits for it. */
  constructor(file: string | null, onFailure: (error: unknown) => void) {
    this.#file = file
    this.#onFailure = onFailure
  }

  latest(instanceId: string | null, limit: number): SlowStatement[] {
    const chosen = this.#latest.filter((slow) => instanceId === null || slow.instanceId === instanceId)
    return chosen.slice(-limit).reverse()
  }

  forget(instanceId: string | null, fingerprint: string | null): void {
    this.#latest = this.#latest.filter((slow) => {
      const isMeant = instanceId === null || slow.instanceId === instanceId
      return !(isMeant && (fingerprint === null || slow.fingerprint === fingerprint))
    })
  }

  async note(
    call: SlowCall,
    where: {
      readonly instanceId: string
      readonly atMs: number
      readonly statement: KnownStatement
      readonly redactsSlow: boolean
    },
  ): Promise<void> {
    const { instanceId, atMs, statement, redactsSlow } = where
    const text = redactsSlow ? statement.text : withoutPasswords(call.text)
    const { durationMs, sqlState, caller } = call
    const slow = {
      ...{ instanceId, fingerprint: statement.fingerprint, durationMs, atMs, sqlState },
      ...{ text: text.slice(0, statementTextLengthMax), application: caller.application, user: caller.user },
    }
    this.#latest = [...this.#latest, slow].slice(-slowStatementsMax)
    try {
      await this.#write(slow)
    } catch (error) {
      this.#onFailure(error)
    }
  }

  async #write(slow: SlowStatement): Promise<void> {
    if (this.#file === null) return
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 })
    const size = await stat(this.#file).then(
      (found) => found.size,
      () => 0,
    )
    if (size >= fileBytesMax) await rename(this.#file, `${this.#file}.1`)
    const { atMs, ...rest } = slow
    const line = JSON.stringify({ time: new Date(atMs).toISOString(), ...rest })
    await appendFile(this.#file, `${line}\n`, { mode: 0o600 })
  }
}
