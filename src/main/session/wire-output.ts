/**
 * Everything that one client of the wire protocol is told: what the backend answers, what the host answers in its
 * place, notifications between two answers, and the end, which is the last. Knows neither turns nor what has been
 * sent.
 */

import type { TransactionState } from '../../contract/statement.ts'
import type { EngineNotification } from '../engine/engine.ts'
import { errorMessage, notificationMessage, parameterMessage, readyMessage } from './wire-messages.ts'

/** Who gets what a conversation puts out. */
export interface WireListener {
  /** Backend bytes in any pieces, which are the listener's from then on. */
  onOutput(bytes: Uint8Array): void
  /** Input is taken again, after `write` has answered false. */
  onRoom(): void
  /** Called once, last: the conversation has ended, with an error unless the client has asked for it. */
  onEnd(error: Error | null): void
}

/** An error that the host tells in the backend's place. */
export interface HostError {
  readonly sqlState: string
  readonly message: string
  /** How many of what was sent would each have been answered with a ReadyForQuery. */
  readonly readyCount: number
  /** As it is behind the error; outside of one unless given. */
  readonly transaction?: TransactionState
  /** What of the answer there is already; it stands in front of the error. */
  readonly answered?: Uint8Array
}

export class WireOutput {
  /** Null before anybody listens, and after the end. */
  #listener: WireListener | null = null
  /** Notifications that came in the middle of an answer, or before there was somebody to tell. */
  readonly #late: Uint8Array[] = []
  /** The client has been asked to write no more for now. */
  #isFull = false
  /** How it has ended before anybody listened. */
  #unheardEnd: { readonly error: Error | null } | null = null

  start(listener: WireListener): void {
    const end = this.#unheardEnd
    if (end) queueMicrotask(() => listener.onEnd(end.error))
    else this.#listener = listener
  }

  put(bytes: Uint8Array): void {
    this.#listener?.onOutput(bytes)
  }

  error({ sqlState, message, readyCount, transaction, answered = new Uint8Array(0) }: HostError): void {
    const error = errorMessage(sqlState, message)
    // Each has an answer of its own.
    const answers = Array.from({ length: readyCount }, () => [error, readyMessage(transaction)])
    this.put(Buffer.concat([answered, ...(answers.length > 0 ? answers.flat() : [error])]))
  }

  /** What is not as the client was told before: `told`. */
  changedParameters(parameters: Readonly<Record<string, string>>, told: ReadonlyMap<string, string>): void {
    for (const [name, value] of Object.entries(parameters)) {
      if (told.get(name) !== value) this.put(parameterMessage(name, value))
    }
  }

  /** For `tellNotifications`. */
  keepNotification(notification: EngineNotification): void {
    this.#late.push(notificationMessage(notification))
  }

  /** To be called between two answers, never inside one. */
  tellNotifications(): void {
    if (!this.#listener) return
    for (const message of this.#late.splice(0)) this.put(message)
  }

  /** Answers whether the client may write more; when it may not, it is told when it may. */
  mayWriteMore(isTooMuch: boolean): boolean {
    this.#isFull = isTooMuch
    return !isTooMuch
  }

  tellRoom(isTooMuch: boolean): void {
    if (!this.#isFull || isTooMuch) return
    this.#isFull = false
    this.#listener?.onRoom()
  }

  /** The last that is told. Answers how, so that what ends can be tidied up first. */
  takeEnd(): (error: Error | null) => void {
    const listener = this.#listener
    this.#listener = null
    return (error) => {
      if (listener) listener.onEnd(error)
      else this.#unheardEnd ??= { error }
    }
  }
}
