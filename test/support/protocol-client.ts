/**
 * A program at the other end of a ProtocolChannel: sends frontend messages, and reads what the backend answers
 * as types. Written on pg-protocol's serializer, which the product does not use.
 */

import { serialize } from 'pg-protocol'
import type { ProtocolChannel } from '../../src/main/engine/engine.ts'

export { serialize }

/** One backend message. */
export interface Answer {
  readonly type: string
  readonly body: Buffer
}

export class ProtocolClient {
  readonly channel: ProtocolChannel
  readonly #answers: Answer[] = []
  readonly #finished: Promise<void>
  #rest = Buffer.alloc(0)
  #wake: () => void = () => undefined
  #failure: { readonly error: unknown } | null = null
  #isFinished = false
  /** Bytes received. */
  bytes = 0

  constructor(channel: ProtocolChannel) {
    this.channel = channel
    this.#finished = this.#read()
  }

  async send(...messages: Uint8Array[]): Promise<void> {
    for (const message of messages) await this.channel.write(message)
  }

  /** Sends, and answers everything up to a message of type `until`. */
  async ask(until: string, ...messages: Uint8Array[]): Promise<Answer[]> {
    await this.send(...messages)
    for (;;) {
      const end = this.#answers.findIndex(({ type }) => type === until)
      if (end >= 0) return this.#answers.splice(0, end + 1)
      if (this.#failure) throw this.#failure.error
      if (this.#isFinished) throw new Error('The channel ended before the answer')
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** A simple query; answers the types in short, such as `TDCZI`, with errors as `E(22012)`. */
  async query(sql: string): Promise<string> {
    return short(await this.ask('Z', serialize.query(sql)))
  }

  /** Resolves when the output has ended; rejects when it failed. */
  async finished(): Promise<void> {
    await this.#finished
    if (this.#failure) throw this.#failure.error
  }

  async #read(): Promise<void> {
    try {
      for await (const bytes of this.channel.output) this.#receive(bytes)
    } catch (error) {
      this.#failure = { error }
    }
    this.#isFinished = true
    this.#wake()
  }

  #receive(bytes: Uint8Array): void {
    this.bytes += bytes.length
    this.#rest = Buffer.concat([this.#rest, bytes])
    let at = 0
    while (this.#rest.length - at >= 5) {
      const end = at + 1 + this.#rest.readInt32BE(at + 1)
      if (end > this.#rest.length) break
      const type = String.fromCharCode(this.#rest[at] ?? 0)
      this.#answers.push({ type, body: Buffer.from(this.#rest.subarray(at + 5, end)) })
      at = end
    }
    this.#rest = this.#rest.subarray(at)
    this.#wake()
  }
}

/** Types in a row; runs of D and d are one. */
export function short(answers: readonly Answer[]): string {
  return answers
    .map(({ type, body }) => {
      if (type === 'Z') return `Z${body.toString('latin1')}`
      return type === 'E' ? `E(${/\0C(.{5})\0/.exec(body.toString('latin1'))?.[1]})` : type
    })
    .join('')
    .replaceAll(/([Dd])\1+/g, '$1')
}
