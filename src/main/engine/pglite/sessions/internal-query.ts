/**
 * Runs SQL of the engine's own in the worker, between the clients' turns, and gathers the small answer. Knows no
 * session and no statement's purpose.
 */

import type { SqlErrorFields } from '../../../../contract/error.ts'
import type { BackendLoop, Conversation } from '../backend-loop.ts'
import { backendTypes, readErrorFields } from '../../protocol/backend-message.ts'
import { queryMessage } from '../../protocol/frontend-message.ts'
import { InputPieces } from '../input-pieces.ts'
import type { PgliteModule } from '../pglite-module.ts'
import { frameBytes, frameHeadBytes } from '../../protocol/message-frames.ts'

const utf8 = new TextDecoder()

export interface InternalAnswer {
  /** In text format. */
  readonly rows: readonly (readonly (string | null)[])[]
  readonly error: SqlErrorFields | null
}

export class InternalQuery implements Conversation {
  readonly #loop: BackendLoop
  readonly #input = new InputPieces()
  #output: Uint8Array[] = []

  constructor(loop: BackendLoop) {
    this.#loop = loop
  }

  /** Runs a script as one simple query. */
  run(sql: string): InternalAnswer {
    return this.#converse(() => {
      this.#input.push(queryMessage(sql))
      while (!this.#input.isEmpty || this.#loop.hasInput) this.#loop.step()
    })
  }

  /** Calls a function of Postgres that may raise an error. */
  call(run: () => void): InternalAnswer {
    const answer = this.#converse(() => this.#loop.callOutside(run))
    // After an error Postgres tells whoever comes next that it is ready, once more than it is asked.
    if (answer.error) this.run('')
    return answer
  }

  /**
   * As `call`, in a transaction of its own: for what Postgres only does in one, and no statement is needed for, which
   * takes several times as long. `module` is the one that the loop drives.
   */
  callInTransaction(module: PgliteModule, run: () => void): InternalAnswer {
    return this.call(() => {
      module._StartTransactionCommand()
      run()
      module._CommitTransactionCommand()
    })
  }

  read(bytesMax: number): Uint8Array {
    return this.#input.take(bytesMax)
  }

  write(bytes: Uint8Array): void {
    this.#output.push(bytes.slice())
  }

  #converse(run: () => void): InternalAnswer {
    this.#output = []
    this.#loop.converse(this, run)
    return readAnswer(Buffer.concat(this.#output))
  }
}

function readAnswer(bytes: Uint8Array): InternalAnswer {
  const rows: (string | null)[][] = []
  let error: SqlErrorFields | null = null
  for (let at = 0; at < bytes.length; at += frameBytes(bytes, at)) {
    const body = bytes.subarray(at + frameHeadBytes, at + frameBytes(bytes, at))
    if (bytes[at] === backendTypes.dataRow) rows.push(readRow(body))
    if (bytes[at] === backendTypes.errorResponse) error ??= readErrorFields(body)
  }
  return { rows, error }
}

/** DataRow (PostgreSQL 18 documentation, section 54.7). */
function readRow(body: Uint8Array): (string | null)[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const row: (string | null)[] = []
  let at = 2
  for (let column = view.getUint16(0); column > 0; column--) {
    const length = view.getInt32(at)
    at += 4
    row.push(length < 0 ? null : utf8.decode(body.subarray(at, at + length)))
    at += Math.max(length, 0)
  }
  return row
}
