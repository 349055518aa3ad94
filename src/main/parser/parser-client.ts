/**
 * The host's parser, in a worker thread of its own: started at the first question, started anew after it has
 * failed. Knows no session.
 */

import { toWireError, WorkbenchError } from '../../contract/error.ts'
import { scriptStatementsMax } from '../../contract/limits.ts'
import type { TextDanger } from '../../parser/danger-levels.ts'
import { parserContract } from '../../parser/parser-contract.ts'
import type { StatementIdentity } from '../../parser/statement-identity.ts'
import { ContractWorker, workerEntry } from '../worker/contract-worker.ts'

/** One statement of a script, in UTF-16 code units and in UTF-8 bytes. */
export interface ScriptStatement {
  readonly start: number
  readonly length: number
  readonly byteStart: number
  readonly byteLength: number
}

export interface SplitScript {
  readonly statements: readonly ScriptStatement[]
  /** The text that was given away, back again. */
  readonly text: Uint8Array<ArrayBuffer>
}

export type { TextDanger }

export class ParserClient {
  readonly #worker = new ContractWorker({
    name: 'parser',
    table: parserContract,
    entry: workerEntry(import.meta.url, 'parser-worker'),
  })
  /** What ended the worker, which will be started again. */
  readonly onDidFail = this.#worker.onDidFail

  /**
   * Splits UTF-8 `text`, which is given away. Throws `invalid-argument` if it is not UTF-8, `limit-exceeded`
   * if it has more statements than a script may have, `internal` if the parser failed.
   */
  async split(text: Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<SplitScript> {
    const { value, buffers } = await this.#ask(ownBuffer(text), signal)
    if (!value.isValid) throw new WorkbenchError('invalid-argument', 'The script is not valid UTF-8 text')
    if (value.total > scriptStatementsMax) {
      throw new WorkbenchError(
        'limit-exceeded',
        `The script has ${value.total} statements and a script may have ${scriptStatementsMax}; run it in parts`,
      )
    }
    const [back = new ArrayBuffer(0), places = new ArrayBuffer(0)] = buffers
    return { statements: readPlaces(new Uint32Array(places)), text: new Uint8Array(back) }
  }

  /** What each of `texts` would do. */
  async danger(texts: readonly string[]): Promise<readonly TextDanger[]> {
    return this.#worker.client().call('parser.danger', { texts })
  }

  /** What each of `texts`, `identifiedMax` at most, is called by. */
  async identify(texts: readonly string[]): Promise<readonly StatementIdentity[]> {
    return this.#worker.client().call('parser.identify', { texts })
  }

  /** As of ContractWorker. */
  cpuSeconds(): Promise<number | null> {
    return this.#worker.cpuSeconds()
  }

  close(): Promise<void> {
    return this.#worker.close()
  }

  async #ask(buffer: ArrayBuffer, signal: AbortSignal | undefined) {
    try {
      const options = { buffers: [buffer], signal }
      return await this.#worker.client().callWithBuffers('parser.splitBytes', null, options)
    } catch (error) {
      const { code, message } = toWireError(error)
      if (code === 'cancelled' || code === 'closed') throw error
      throw new WorkbenchError(
        'internal',
        `The script could not be split (${message}); run its statements one by one`,
        { cause: error },
      )
    }
  }
}

/** The buffer of `text` if it is nothing else, so that it can be handed over; a copy otherwise. */
function ownBuffer(text: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const isWhole = text.byteOffset === 0 && text.byteLength === text.buffer.byteLength
  return isWhole ? text.buffer : text.slice().buffer
}

/** Four numbers a statement, as parser-contract.ts has it. */
function readPlaces(places: Uint32Array): ScriptStatement[] {
  return Array.from({ length: places.length / 4 }, (_, index) => {
    const [start = 0, length = 0, byteStart = 0, byteLength = 0] = places.subarray(index * 4, index * 4 + 4)
    return { start, length, byteStart, byteLength }
  })
}
