/**
 * What counting one statement takes of the engine's thread, without an engine: the messages of pgbench's select-only
 * and their answers, again and again, alone and behind something that has used a core's caches for itself.
 */

import { ConversationRecording } from '../src/main/engine/pglite/conversation-recording.ts'
import { EngineRecording } from '../src/main/engine/pglite/engine-recording.ts'
import {
  bindMessage,
  executeMessage,
  parseMessage,
  queryMessage,
  type Pieces,
} from '../src/main/engine/protocol/frontend-message.ts'
import { median } from './median.ts'

const hotStatements = 200_000
const dataRow = 0x44
const commandComplete = 0x43
/** What is answered: a row, how many there were, and that the backend is ready. */
const answered = new TextEncoder().encode(
  'D\0\0\0\x0c\0\x01\0\0\0\x0207' + 'C\0\0\0\x0dSELECT 1\0' + 'Z\0\0\0\x05I',
)
/** Where the bodies of the first two begin. */
const rowBodyAt = 5
const completeBodyAt = 18
const text = 'SELECT abalance FROM pgbench_accounts WHERE aid = '

/** Large enough that nothing else stays in a core's caches. */
const foreign = new Int32Array(1 << 20)
/** Of 4 bytes. */
const cacheLineWords = 16
/** As many times counting is looked at, and as many statements each time: some work is done for many at once. */
const coldLooks = 100
const coldStatements = 64

interface Sent {
  readonly before: readonly Uint8Array[]
  /** The messages of one statement, in turn. */
  readonly statements: readonly (readonly Uint8Array[])[]
}

/**
 * Nanoseconds a statement: `hot` when nothing else runs, by the processor's time; `cold` behind something that has used
 * the caches for itself, as Postgres does, by the clock and as a median of looks at many.
 */
export function countCosts(): Record<string, { readonly hot: number; readonly cold: number }> {
  const simple = Array.from({ length: 64 }, (_, index) => [joined(queryMessage(`${text}${index * 1_543};`))])
  const bind = joined(bindMessage({ parameters: ['12345'], resultFormats: [] }))
  const parse = joined(parseMessage(new TextEncoder().encode(`${text}$1;`)))
  const execute = joined(executeMessage(0))
  return {
    simple: costs({ before: [], statements: simple }),
    extended: costs({ before: [], statements: [[parse, bind, execute]] }),
    prepared: costs({ before: [parse], statements: [[bind, execute]] }),
  }
}

function costs({ before, statements }: Sent): { hot: number; cold: number } {
  const recording = new EngineRecording({ onFirst: () => undefined, onTaken: () => undefined })
  recording.configure({ isOn: true, keepsExamples: true, slowMs: null })
  const conversation = new ConversationRecording(recording, { session: 1, nowMs: () => performance.now() })
  for (const message of before) conversation.onMessage(message, 0)
  const ask = (index: number): void => {
    // The engine looks at its clock here, counted or not.
    conversation.beginRun(performance.now(), 0)
    for (const message of statements[index % statements.length] ?? []) conversation.onMessage(message, 0)
  }
  const answer = (): void => {
    conversation.onOutput(answered)
    conversation.onAnswer(dataRow, answered, rowBodyAt)
    conversation.onAnswer(commandComplete, answered, completeBodyAt)
    conversation.onReady(false)
  }
  const run = (count: number): number => {
    const start = process.cpuUsage()
    for (let index = 0; index < count; index++) {
      ask(index)
      answer()
    }
    const { user, system } = process.cpuUsage(start)
    return ((user + system) * 1_000) / count
  }
  run(hotStatements)
  const hot = Math.min(...Array.from({ length: 5 }, () => run(hotStatements)))
  const looks = Array.from({ length: coldLooks }, () => {
    let sum = 0
    for (let index = 0; index < coldStatements; index++) sum += timeCold(() => ask(index)) + timeCold(answer)
    return sum / coldStatements
  })
  return { hot, cold: median(looks) }
}

/** In nanoseconds. */
function timeCold(work: () => void): number {
  let sum = 0
  for (let at = 0; at < foreign.length; at += cacheLineWords) sum += foreign[at] ?? 0
  const start = performance.now() + sum
  work()
  return (performance.now() - start) * 1e6
}

function joined(pieces: Pieces): Uint8Array {
  return new Uint8Array(Buffer.concat([...pieces]))
}
