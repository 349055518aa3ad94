/** A client of one conversation of an engine, without a socket: sends messages, and reads what is answered as types. */

import { afterEach, beforeAll, expect } from 'vitest'
import type {
  Engine,
  EngineConversation,
  EngineFactory,
  EngineSession,
} from '../../src/main/engine/engine.ts'
import { engineFixture, must, openTimeoutMs, valueOf } from './engine-fixture.ts'

/** Counts what it is told, and gathers what it is answered. */
export class ConversingClient {
  readonly session: EngineSession
  readonly conversation: EngineConversation
  readonly bytes: Buffer[] = []
  restCount = 0
  waitCount = 0
  freeCount = 0
  readonly expiries: string[] = []
  failure: Error | null = null
  #wake: () => void = () => undefined

  constructor(session: EngineSession) {
    this.session = session
    this.conversation = session.converse({
      onOutput: (bytes) => void this.bytes.push(Buffer.from(bytes)),
      onRest: () => {
        this.restCount += 1
        this.#wake()
      },
      onWait: () => {
        this.waitCount += 1
        this.#wake()
      },
      onFree: () => {
        this.freeCount += 1
        this.#wake()
      },
      onExpired: ({ reason, isRunning }) => {
        this.expiries.push(`${reason}${isRunning ? ', running' : ''}`)
        this.#wake()
      },
      onFailed: (error) => {
        this.failure = error
        this.#wake()
      },
    })
  }

  /** Types of what has been answered, after the backend rests or the conversation has failed. */
  async answer(...messages: Uint8Array[]): Promise<string> {
    if (messages.length > 0) this.conversation.send(messages)
    while (this.conversation.state.isRunning && !this.conversation.state.isStarved && !this.failure) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    const all = Buffer.concat(this.bytes.splice(0))
    let types = ''
    for (let at = 0; at < all.length; at += 1 + all.readInt32BE(at + 1)) {
      const type = String.fromCharCode(all[at] ?? 0)
      if (type === 'Z') types += `Z${String.fromCharCode(all[at + 5] ?? 0)}`
      else if (type === 'E') types += `E(${/\0C(.{5})\0/.exec(all.toString('latin1', at))?.[1]})`
      else if (type !== types.at(-1)) types += type
    }
    return types
  }

  /** Resolves with the next that is told. */
  told(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve))
  }

  dispose(): void {
    this.conversation.dispose()
    this.session.dispose()
  }
}

/** One engine for a suite, with a table `things`; clients of it are disposed after each test, and it answers then. */
export function conversingFixture(factory: EngineFactory): {
  engine(): Engine
  /** As many more, and answers them. */
  open(count: number): Promise<ConversingClient[]>
} {
  const { common } = engineFixture(factory)
  const clients: ConversingClient[] = []
  let engine: Engine

  beforeAll(async () => {
    engine = await common()
    await must(engine, 'create table things (i int)')
  }, openTimeoutMs)

  afterEach(async () => {
    for (const client of clients.splice(0)) client.dispose()
    expect(await valueOf(engine, 'select 6 * 7')).toBe('42')
  })

  return {
    engine: () => engine,
    open: async (count) => {
      for (let index = 0; index < count; index += 1) {
        clients.push(new ConversingClient(await engine.openSession({ role: 'postgres', settings: [] })))
      }
      return clients.slice(-count)
    },
  }
}
