/**
 * What of a transaction needs no backend: the beginning of one that would have to wait for it is told at once, as by a
 * server, and waits with its first statement instead; and if it ends without any, that is told at once, too. Knows no
 * turn and no session.
 */

import type { ConversationState, EngineConversation } from '../engine/engine.ts'
import type { FrontendUnits } from './frontend-units.ts'
import { commandCompleteMessage, readyMessage } from './wire-messages.ts'

/** What of an EngineConversation it takes. */
export type AheadConversation = Pick<EngineConversation, 'state' | 'beginAhead' | 'endAhead'>

/** Of no use to anybody who asks for more than the words of it; those that are left out have options. */
const messageBytesMax = 64
const headBytes = 5

/**
 * BEGIN, START TRANSACTION, COMMIT and ROLLBACK (PostgreSQL 18 documentation, part VI) without options, with what
 * Postgres takes for space (section 4.1, scan.l), which is less than what JavaScript does.
 */
const space = '[ \\t\\n\\r\\f\\v]'
const plain = (words: string): RegExp => new RegExp(`^${space}*(?:${words})${space}*;?${space}*$`, 'i')
const noise = `(?:${space}+(?:work|transaction))?`
const begins = plain(`begin${noise}`)
const starts = plain(`start${space}+transaction`)
const commits = plain(`(?:commit|end)${noise}`)
const rollsBack = plain(`(?:rollback|abort)${noise}`)

/** The backend knows of nothing that is under way; `undefined` before there is a session. */
export function isWithoutBackend(state: ConversationState | undefined): boolean {
  return !state || (state.transaction === 'idle' && state.isReady)
}

/** Nor does the client. */
export function isBetween(state: ConversationState | undefined): boolean {
  return isWithoutBackend(state) && !state?.ahead
}

/**
 * The answer to what `units` hold, where the engine takes it for done; null where it has to be sent. `mayBegin`: a
 * transaction would have to wait for its turn.
 */
export function answerAhead(
  conversation: AheadConversation,
  units: FrontendUnits,
  mayBegin: boolean,
): Uint8Array | null {
  const { state } = conversation
  const isAhead = state.ahead !== null
  if (!isAhead && !(mayBegin && isBetween(state))) return null
  const message = onlyQuery(units)
  const tag = message && (isAhead ? endTag(message, state.ahead === 'failed') : beginTag(message))
  if (!tag) return null
  const isTaken = isAhead ? conversation.endAhead(message) : conversation.beginAhead(message)
  const transaction = isAhead ? 'idle' : 'open'
  return isTaken ? Buffer.concat([commandCompleteMessage(tag), readyMessage(transaction)]) : null
}

function beginTag(message: Uint8Array): string | null {
  const text = textOf(message)
  if (begins.test(text)) return 'BEGIN'
  return starts.test(text) ? 'START TRANSACTION' : null
}

/** What has failed is rolled back, whatever the client says. */
function endTag(message: Uint8Array, hasFailed: boolean): string | null {
  const text = textOf(message)
  if (rollsBack.test(text)) return 'ROLLBACK'
  if (!commits.test(text)) return null
  return hasFailed ? 'ROLLBACK' : 'COMMIT'
}

/** A whole Query with nothing around it; null unless that is all that `units` hold. */
function onlyQuery(units: FrontendUnits): Uint8Array | null {
  if (!units.isQuery || units.heldBytes > messageBytesMax || units.heldBytes < headBytes + 1) return null
  const message = units.joined()
  const { buffer, byteOffset, length } = message
  const isWhole = new DataView(buffer, byteOffset).getUint32(1) === length - 1
  return isWhole && message.indexOf(0, headBytes) === length - 1 ? message : null
}

/** A byte is a character: no other than those of ASCII means anything here. */
function textOf(message: Uint8Array): string {
  return Buffer.from(message.subarray(headBytes, -1)).toString('latin1')
}
