/**
 * What counting one statement takes of the engine's thread, without an engine: the messages of pgbench's select-only
 * and their answers, again and again, by the processor's time.
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

const statements = 200_000
const dataRow = 0x44
const commandComplete = 0x43
const tag = new TextEncoder().encode('SELECT 1\0')
const text = 'SELECT abalance FROM pgbench_accounts WHERE aid = '

/** Nanoseconds a statement. */
export function countCosts(): Record<string, number> {
  const simple = Array.from({ length: 64 }, (_, index) => [joined(queryMessage(`${text}${index * 1_543};`))])
  const bind = { parameters: ['12345'], resultFormats: [] }
  const parse = joined(parseMessage(new TextEncoder().encode(`${text}$1;`)))
  const execute = joined(executeMessage(0))
  return {
    simple: cost([], simple),
    extended: cost([], [[parse, joined(bindMessage(bind)), execute]]),
    prepared: cost([parse], [[joined(bindMessage(bind)), execute]]),
  }
}

/** `sent`: the messages of one statement, in turn. */
function cost(before: readonly Uint8Array[], sent: readonly (readonly Uint8Array[])[]): number {
  const recording = new EngineRecording({ onFirst: () => undefined, onTaken: () => undefined })
  recording.configure({ isOn: true, keepsExamples: true, slowMs: null })
  const nowMs = (): number => performance.now()
  const conversation = new ConversationRecording(recording, { session: 1, nowMs })
  for (const message of before) conversation.onMessage(message, 0)
  const run = (count: number): number => {
    const start = process.cpuUsage()
    for (let index = 0; index < count; index++) {
      // The engine looks at its clock here, counted or not.
      conversation.beginRun(nowMs(), 0)
      for (const message of sent[index % sent.length] ?? []) conversation.onMessage(message, 0)
      conversation.onOutput(tag)
      conversation.onAnswer(dataRow, tag, 0)
      conversation.onAnswer(commandComplete, tag, 0)
      conversation.onReady(false)
    }
    const { user, system } = process.cpuUsage(start)
    return ((user + system) * 1_000) / count
  }
  run(statements)
  return Math.min(...Array.from({ length: 5 }, () => run(statements)))
}

function joined(pieces: Pieces): Uint8Array {
  return new Uint8Array(Buffer.concat([...pieces]))
}
