/** Whom the host's end of the line wakes and asks to be told by, with the worker's end in the hands of the test. */

import { afterEach, expect, test } from 'vitest'
import { TestClock } from '../../../base/clock.ts'
import { openDisposables, type Disposable } from '../../../base/disposable.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import type { EngineConversation } from '../engine.ts'
import { EngineLine } from './engine-line.ts'
import type { LineCancel } from './line-conversation.ts'
import {
  inputKinds,
  outputFlags,
  outputKinds,
  placesMax,
  SharedLine,
  transactionFlags,
} from './shared-line.ts'

const timeouts = { lockMs: 0, statementMs: 0, idleSessionMs: 0, isTransactionBounded: false }
const query = new Uint8Array([0x51, 0, 0, 0, 5, 0])
const longQuery = Buffer.concat([Buffer.from('Q\0\0\xea\x64', 'latin1'), Buffer.alloc(60_000)])
const begin = Buffer.from('Q\0\0\0\nbegin\0', 'latin1')

class Ends {
  readonly shared = new SharedLine()
  readonly clock = new TestClock()
  /** The last cancel. */
  asked: LineCancel | null = null
  /** That it has set so far. */
  timerCount = 0
  readonly told: string[] = []
  readonly line: EngineLine

  constructor({ mayLook }: { readonly mayLook: boolean }) {
    const { clock } = this
    const after = (delayMs: number, action: () => void): Disposable => {
      this.timerCount += 1
      return clock.after(delayMs, action)
    }
    this.line = new EngineLine({
      ...{ shared: this.shared, mayLook },
      clock: { nowMs: () => clock.nowMs(), monotonicMs: () => clock.monotonicMs(), after },
      send: () => void this.told.push('send'),
      wakeIfAsleep: () => void this.told.push('wake'),
      wakeLater: () => void this.told.push('wake later'),
      cancel: async ({ session, turn, isOver }, ended) => {
        this.asked = { turn, isOver }
        this.told.push(`cancel turn ${turn} of session ${session}`)
        await ended
        this.told.push('ended')
      },
      onSignal: () => undefined,
    })
  }

  open(session = 2, onFailed: (error: WorkbenchError) => void = () => undefined): EngineConversation {
    const nothing = (): void => undefined
    return this.line.open({
      ...{ session, timeouts },
      listener: {
        ...{ onOutput: nothing, onRest: nothing, onWait: nothing, onFree: nothing, onExpired: nothing },
        onFailed,
      },
    })
  }

  /** As the worker takes what it has been sent; tells how many bytes. */
  takeIn(): number {
    let takenBytes = 0
    this.shared.input.drain(({ kind, bytes }) => {
      if (kind === inputKinds.data) takenBytes += bytes.length
    })
    return takenBytes
  }

  /** As the worker answers what it has been sent. */
  answer(transaction: 'idle' | 'open', takenBytes = this.takeIn()): void {
    const flags = outputFlags.rests | outputFlags.isReady | transactionFlags(transaction)
    const head = { kind: outputKinds.output, place: 1, turn: 1, takenBytes, flags }
    this.shared.output.push(head, new Uint8Array([0x5a, 0, 0, 0, 5, 0x49]))
  }

  /** Whether the host waits to be told. */
  get isAwaited(): boolean {
    const words = new Int32Array(this.shared.buffer, 0, 1)
    return words[0] === 1
  }

  /** How often the host sees whether there is output, within `action`. */
  async looksWithin(action: () => Promise<void>): Promise<number> {
    const { output } = this.shared
    let count = 0
    Object.defineProperty(output, 'isEmpty', { configurable: true, get: () => (count += 1) > 0 })
    await action()
    Reflect.deleteProperty(output, 'isEmpty')
    return count
  }

  take(): string[] {
    return this.told.splice(0)
  }
}

const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
/** More than the host looks for several, and than it leaves to a worker that takes nothing. */
const someTurns = async (): Promise<void> => {
  for (let turn = 0; turn < 60; turn += 1) await turnOfTheLoop()
}

afterEach(() => expect(openDisposables()).toEqual({}))

test('the worker is woken for what a client sends, and not for its beginning or for an answer that was taken', () => {
  const ends = new Ends({ mayLook: true })
  const conversation = ends.open()
  expect(ends.take()).toEqual([])
  conversation.send([query])
  expect(ends.take()).toEqual(['wake'])
  ends.answer('idle')
  ends.line.drain()
  expect([conversation.state.isReady, ends.take()]).toEqual([true, []])
  conversation.dispose()
})

test('a client that waits alone is looked for closely, unless one of another engine waits, too', async () => {
  await someTurns()
  const ends = new Ends({ mayLook: true })
  const other = new Ends({ mayLook: true })
  const conversation = ends.open()
  const another = other.open()
  conversation.send([query])
  ends.takeIn()
  expect(await ends.looksWithin(turnOfTheLoop)).toBeGreaterThan(100)
  another.send([query])
  other.takeIn()
  await turnOfTheLoop()
  expect(await ends.looksWithin(turnOfTheLoop)).toBeLessThan(10)
  other.answer('idle', query.length)
  await turnOfTheLoop()
  expect(await ends.looksWithin(turnOfTheLoop)).toBeGreaterThan(100)
  conversation.dispose()
  another.dispose()
})

test('a client that copies into a table is not looked for closely: it is the worker that waits', async () => {
  await someTurns()
  const ends = new Ends({ mayLook: true })
  const conversation = ends.open()
  conversation.send([query])
  const takenBytes = ends.takeIn()
  const flags = outputFlags.rests | outputFlags.isCopying
  ends.shared.output.push(
    { kind: outputKinds.output, place: 1, turn: 1, takenBytes, flags },
    new Uint8Array(0),
  )
  ends.line.drain()
  expect(conversation.state.isStarved).toBe(true)
  expect(await ends.looksWithin(turnOfTheLoop)).toBeLessThan(10)
  conversation.dispose()
})

test('the worker is woken by an answer that was taken when it waits for room', () => {
  const ends = new Ends({ mayLook: true })
  const conversation = ends.open()
  conversation.send([query])
  ends.take()
  ends.answer('idle')
  ends.shared.isOutputFull = true
  ends.line.drain()
  expect(ends.take()).toEqual(['wake'])
  conversation.dispose()
})

test('whoever leaves in a transaction wakes the worker at once, and whoever leaves outside of one later', () => {
  const ends = new Ends({ mayLook: true })
  const conversation = ends.open()
  conversation.send([query])
  ends.answer('open')
  ends.line.drain()
  ends.take()
  conversation.dispose()
  expect(ends.take()).toEqual(['wake'])
  ends.shared.output.push(
    { kind: outputKinds.closed, place: 1, turn: 1, takenBytes: 0, flags: 0 },
    new Uint8Array(0),
  )
  ends.open().dispose()
  expect(ends.take()).toEqual(['wake later'])
})

test('whoever is refused in a COPY and leaves is looked for until the worker has forgotten it', async () => {
  const ends = new Ends({ mayLook: true })
  const conversation = ends.open()
  conversation.send([query])
  const head = { place: 1, turn: 1, takenBytes: 6, flags: 0 }
  ends.shared.output.push(
    { ...head, kind: outputKinds.output, flags: outputFlags.rests | outputFlags.isCopying },
    new Uint8Array(0),
  )
  ends.line.drain()
  ends.shared.running = 1
  ends.shared.output.push({ ...head, kind: outputKinds.refused }, new Uint8Array([0x51]))
  ends.line.drain()
  ends.take()
  conversation.dispose()
  expect(ends.take()).toEqual(['wake', 'cancel turn 0 of session 2'])
  ends.shared.output.push({ ...head, kind: outputKinds.closed }, new Uint8Array(0))
  await turnOfTheLoop()
  expect(ends.take()).toEqual(['ended'])
})

test('whoever leaves names its own session to be cancelled, since the turn may be another one’s by then', () => {
  const ends = new Ends({ mayLook: true })
  const conversation = ends.open(7)
  conversation.send([query])
  ends.shared.running = 1
  // As the worker answers, before it says that nothing runs: the next turn may be anybody's.
  ends.shared.nextTurn()
  conversation.dispose()
  expect(ends.take()).toEqual(['wake', 'wake', 'cancel turn 1 of session 7'])
})

test('a cancel of what has been answered asks for nothing, though that is not known yet', async () => {
  const ends = new Ends({ mayLook: false })
  const conversation = ends.open()
  conversation.send([query])
  ends.answer('open')
  ends.line.drain()
  conversation.send([query])
  ends.take()
  // Its transaction has ended, and another runs.
  ends.shared.running = 2
  await conversation.cancel()
  expect(ends.take()).toEqual([])
  ends.answer('idle', 2 * query.length)
  ends.line.drain()
  conversation.dispose()
})

test('a cancel is over when another turn runs, or another client', async () => {
  const ends = new Ends({ mayLook: false })
  const conversation = ends.open()
  conversation.send([query])
  ends.shared.running = 1
  void conversation.cancel()
  const isOver = (): boolean | undefined => ends.asked?.isOver()
  expect(isOver()).toBe(false)
  ends.shared.running = 2
  expect(isOver()).toBe(true)
  ends.shared.running = 1
  expect(isOver()).toBe(false)
  ends.shared.nextTurn()
  expect(isOver()).toBe(true)
  conversation.dispose()
  expect(isOver()).toBe(false)
  ends.shared.running = 2
  expect(isOver()).toBe(true)
})

test('whoever is answered and leaves cancels nothing, although the worker may still say that it runs', () => {
  const ends = new Ends({ mayLook: true })
  const conversation = ends.open()
  conversation.send([query])
  ends.shared.running = 1
  ends.answer('idle')
  ends.line.drain()
  ends.take()
  conversation.dispose()
  expect(ends.take()).toEqual(['wake later'])
})

test('with several processors the host looks for the answer, and with one it asks to be told at once', async () => {
  for (const mayLook of [true, false]) {
    const ends = new Ends({ mayLook })
    const conversation = ends.open()
    conversation.send([query])
    await turnOfTheLoop()
    expect([mayLook, ends.shared.takeWaitingHost()]).toEqual([mayLook, !mayLook])
    ends.answer('idle')
    ends.line.drain()
    conversation.dispose()
  }
})

test('the host looks for whoever begins a transaction, and where several wait without asks to be told', async () => {
  for (const isToBegin of [true, false]) {
    const ends = new Ends({ mayLook: true })
    const conversations = [ends.open(), ends.open()]
    if (isToBegin) conversations[0]?.beginAhead(begin)
    expect(conversations[0]?.state.ahead).toBe(isToBegin ? 'open' : null)
    for (const conversation of conversations) conversation.send([query])
    ends.takeIn()
    await someTurns()
    expect([isToBegin, ends.shared.takeWaitingHost()]).toEqual([isToBegin, !isToBegin])
    for (const conversation of conversations) conversation.dispose()
  }
})

test('whoever waits for a lock in the transaction that it has begun is not looked for among others', async () => {
  const ends = new Ends({ mayLook: true })
  const conversations = [ends.open(), ends.open()]
  conversations[0]?.beginAhead(begin)
  conversations[0]?.send([query])
  const head = { kind: outputKinds.output, place: 1, turn: 1, takenBytes: ends.takeIn() }
  ends.shared.output.push({ ...head, flags: outputFlags.waits }, new Uint8Array(0))
  ends.line.drain()
  // The other comes and goes meanwhile.
  conversations[1]?.send([query])
  ends.takeIn()
  await someTurns()
  expect(ends.shared.takeWaitingHost()).toBe(true)
  for (const conversation of conversations) conversation.dispose()
})

test('an answer that was not told of is taken a moment later, if another’s statement may be in the way', async () => {
  for (const count of [1, 2]) {
    const ends = new Ends({ mayLook: true })
    const conversations = Array.from({ length: count }, () => ends.open())
    for (const conversation of conversations) conversation.send([query])
    await expect.poll(() => ends.isAwaited, { interval: 0 }).toBe(true)
    ends.clock.advance(100)
    // The worker has begun the other's meanwhile, and says nothing.
    ends.answer('idle', query.length)
    ends.clock.advance(20)
    expect([count, conversations[0]?.state.isRunning]).toEqual([count, count === 1])
    ends.line.drain()
    for (const conversation of conversations) conversation.dispose()
  }
})

test('who has given up waiting, and runs something else, is looked for although it is told to go on', async () => {
  const ends = new Ends({ mayLook: false })
  const conversation = ends.open()
  conversation.send([query])
  const head = { place: 1, turn: 1, takenBytes: ends.takeIn() }
  ends.shared.output.push({ ...head, kind: outputKinds.output, flags: outputFlags.waits }, new Uint8Array(0))
  ends.line.drain()
  ends.shared.output.push({ ...head, kind: outputKinds.free, flags: 0 }, new Uint8Array(0))
  conversation.waitsNoMore()
  conversation.send([query])
  await someTurns()
  expect(ends.isAwaited).toBe(true)
  conversation.dispose()
})

test('what had no room is sent on a moment later, although nothing is answered', async () => {
  const ends = new Ends({ mayLook: true })
  const conversation = ends.open()
  const parts = Array.from({ length: 12 }, () => Buffer.concat([longQuery]))
  conversation.send(parts)
  conversation.dispose()
  const all = parts.length * longQuery.length
  await expect.poll(() => ends.isAwaited, { interval: 0 }).toBe(true)
  const takenBytes = ends.takeIn()
  expect(takenBytes).toBeLessThan(all)
  ends.clock.advance(20)
  expect(takenBytes + ends.takeIn()).toBe(all)
})

test('nobody looks for answers of a worker that has ended', async () => {
  const ends = new Ends({ mayLook: true })
  const conversations = [ends.open(), ends.open()]
  for (const conversation of conversations) conversation.send([query])
  ends.line.fail(new WorkbenchError('engine-crashed', 'It has ended'))
  ends.line.lookNow()
  await someTurns()
  expect(ends.timerCount).toBe(0)
  for (const conversation of conversations) conversation.dispose()
})

test('the host asks to be told when the worker takes nothing, unless it runs something', async () => {
  for (const running of [0, 1]) {
    const ends = new Ends({ mayLook: true })
    const conversation = ends.open()
    conversation.send([query])
    ends.shared.running = running
    await someTurns()
    expect([running, ends.shared.takeWaitingHost()]).toEqual([running, running === 0])
    ends.shared.running = 0
    conversation.dispose()
  }
})

test('a conversation whose session could not begin is told so, alone, and is forgotten when it has left', () => {
  const ends = new Ends({ mayLook: true })
  const failures: string[] = []
  const conversations = [2, 3].map((session) => ends.open(session, ({ message }) => failures.push(message)))
  ends.line.refuse(3, new WorkbenchError('sql-error', 'no'))
  expect(failures).toEqual(['no'])
  ends.take()
  for (const conversation of conversations.toReversed()) conversation.dispose()
  expect(ends.take()).toEqual(['wake later', 'wake later'])
})

test('of those who have left in the middle of something it is known until the worker has ended that', () => {
  const ends = new Ends({ mayLook: true })
  const conversation = ends.open()
  conversation.send([query])
  expect(ends.line.isSettled).toBe(true)
  conversation.dispose()
  expect(ends.line.isSettled).toBe(false)
  const closed = { kind: outputKinds.closed, place: 1, turn: 1, takenBytes: 0, flags: 0 }
  ends.shared.output.push(closed, new Uint8Array(0))
  ends.line.drain()
  expect(ends.line.isSettled).toBe(true)
})

test('nobody converses when all have left, although the worker does not know of it yet', () => {
  const ends = new Ends({ mayLook: true })
  const conversations = [ends.open(), ends.open()]
  const isEmpty = conversations.map((conversation) => {
    conversation.dispose()
    return ends.line.isEmpty
  })
  expect(isEmpty).toEqual([false, true])
})

test('when half of the places are taken the worker is to be waited for', () => {
  const ends = new Ends({ mayLook: true })
  const conversations = Array.from({ length: placesMax / 2 - 1 }, () => ends.open())
  expect(ends.line.isSettled).toBe(true)
  conversations.push(ends.open())
  expect(ends.line.isSettled).toBe(false)
  for (const conversation of conversations) conversation.dispose()
})
