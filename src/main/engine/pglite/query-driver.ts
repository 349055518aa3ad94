/**
 * Speaks the extended query protocol with the backend from inside the worker, in straight lines: send some
 * messages, run the backend until it has handled them, look at what it answered. No other thread is involved,
 * so a slice of a result costs no round trip. Knows no statement's purpose.
 */

import { present } from '../../../base/assert.ts'
import { DecodeError, type BackendMessage, type RowDecoder } from '../../../../native-wasm/js/row-decoder.ts'
import type { BackendLoop, Conversation } from './backend-loop.ts'
import type { Pieces } from '../protocol/frontend-message.ts'
import { InputPieces } from './input-pieces.ts'

/** Who looks at what the backend answers. */
export interface QueryListener {
  /** Any message but DataRow. Rows that came before it are pending in the decoder. */
  onMessage(message: BackendMessage): void
  /** More rows are pending than before. */
  onRows(): void
  /** A row is larger than a batch can be; it was passed over. */
  onRowTooLarge(error: DecodeError): void
  /** The backend asks for input that nobody has sent: it is in COPY FROM STDIN. */
  onInputWanted(): Pieces
}

export class QueryDriver implements Conversation {
  readonly decoder: RowDecoder
  readonly #loop: BackendLoop
  readonly #input = new InputPieces()
  #listener: QueryListener | null = null

  constructor(loop: BackendLoop, decoder: RowDecoder) {
    this.#loop = loop
    this.decoder = decoder
  }

  /** Sends messages and returns when the backend has handled all of them. */
  exchange(listener: QueryListener, messages: readonly Pieces[]): void {
    const outer = this.#listener
    this.#listener = listener
    for (const pieces of messages) this.#input.push(pieces)
    while (!this.#input.isEmpty || this.#loop.hasInput) this.#loop.step()
    this.#listener = outer
  }

  read(bytesMax: number): Uint8Array {
    if (this.#input.isEmpty) this.#input.push(present(this.#listener, 'A listener').onInputWanted())
    return this.#input.take(bytesMax)
  }

  write(bytes: Uint8Array): void {
    this.decoder.push(bytes)
    for (let message = this.#next(); message !== null; message = this.#next()) {
      if (message !== 'too-large') this.#listener?.onMessage(message)
    }
    if (this.decoder.pendingRows > 0) this.#listener?.onRows()
  }

  #next(): BackendMessage | 'too-large' | null {
    try {
      return this.decoder.next()
    } catch (error) {
      if (!(error instanceof DecodeError) || error.reason !== 'too-large') throw error
      this.#listener?.onRowTooLarge(error)
      return 'too-large'
    }
  }
}
