/**
 * What `npm run bench -- frame-codec` measures, in Node and in a page: the client's side of point queries, 128 in a
 * message, as requests are written and answers are read. The ways take turns, so that what else the machine does meets
 * all of them. Knows no socket.
 */

import { createCodec, type EnvelopeCodec } from '../src/client/envelope-codec.ts'
import { makePart, PartCodec } from '../src/protocol/message-parts.ts'
import { noFrameCodec, type MakeFrameCodec } from '../native-wasm/js/frame-codec.ts'
import { compileFrameCodec } from '../native-wasm/js/wasm-frame-codec.ts'

/** Nanoseconds for one request and one answer, each round's. */
export interface WayTimes {
  readonly writeNs: readonly number[]
  readonly readNs: readonly number[]
}

export type FrameTimes = Readonly<Record<'script' | 'wasm', WayTimes>>

const sql = 'SELECT abalance FROM pgbench_accounts WHERE aid = $1'
const perMessage = 128
const messagesPerRound = 100
const firstId = 100_000

/** A column batch of one int4: its bytes are not looked at. */
const payload = new Uint8Array(48)

function answers(message: number): ArrayBuffer {
  const codec = new PartCodec()
  const column = { name: 'abalance', type: 23, table: 16_391, column: 3 }
  const data = { columns: [column], command: 'SELECT', row_count: 1 }
  const parts = Array.from({ length: perMessage }, (_, index) => {
    const request_id = String(firstId + message * perMessage + index)
    return makePart(codec.encode({ meta: { type: 'complete', request_id }, data }), payload)
  })
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole.buffer
}

/** As src/client/connection.ts makes them. */
function requests(message: number): unknown[] {
  return Array.from({ length: perMessage }, (_, index) => {
    const number = firstId + message * perMessage + index
    const params = [String((number * 7_919) % 100_000)]
    return { meta: { type: 'query', request_id: String(number) }, data: { sql, params } }
  })
}

/** Compares both ways `rounds` times; throws where they differ in what they write or read. */
export async function compareFrames(
  module: Uint8Array<ArrayBuffer>,
  { rounds, nowMs = () => performance.now() }: { readonly rounds: number; nowMs?(): number },
): Promise<FrameTimes> {
  const native = await compileFrameCodec(module)
  if (native() === null) throw new Error('There is no WebAssembly here')
  const ways = { script: codecOf(noFrameCodec), wasm: codecOf(native) }
  const sent = Array.from({ length: messagesPerRound }, (_, message) => requests(message))
  const received = Array.from({ length: messagesPerRound }, (_, message) => answers(message))
  const seen = Object.values(ways).map((codec) => {
    for (const request of sent[0] ?? []) codec.add(request)
    const bytes = codec.take().map((message) => [...new Uint8Array(message as ArrayBuffer)])
    return JSON.stringify([bytes, received.slice(0, 2).map((message) => codec.read(message))])
  })
  if (new Set(seen).size !== 1) throw new Error('The two ways differ')
  const times = { script: noTimes(), wasm: noTimes() }
  for (let round = -2; round < rounds; round += 1) {
    for (const name of ['script', 'wasm'] as const) {
      const writeNs = timed(nowMs, () => {
        for (const message of sent) {
          for (const request of message) ways[name].add(request)
          ways[name].take()
        }
      })
      const readNs = timed(nowMs, () => {
        for (const message of received) ways[name].read(message)
      })
      if (round < 0) continue
      times[name].writeNs.push(writeNs)
      times[name].readNs.push(readNs)
    }
  }
  return times
}

function codecOf(makeFrameCodec: MakeFrameCodec): EnvelopeCodec {
  return createCodec('msgpack', makeFrameCodec)
}

function noTimes(): { writeNs: number[]; readNs: number[] } {
  return { writeNs: [], readNs: [] }
}

function timed(nowMs: () => number, work: () => void): number {
  const started = nowMs()
  work()
  return ((nowMs() - started) * 1e6) / (perMessage * messagesPerRound)
}
