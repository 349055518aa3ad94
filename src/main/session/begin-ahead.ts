/**
 * A transaction's beginning that needs no backend: a client that has to wait for it is told at once, as by a server,
 * and waits with its first statement instead. Knows no turn and no session.
 */

import type { ConversationState } from '../engine/engine.ts'
import { statementIn, type FrontendUnits } from './frontend-units.ts'
import { commandCompleteMessage, readyMessage } from './wire-messages.ts'

/** A BEGIN alone, and how a server answers it. */
export interface PlainBegin {
  /** A Query. */
  readonly message: Uint8Array
  readonly answer: Uint8Array
}

/** Of no use to anybody who asks for more than the words of it; those that are left out have options. */
const messageBytesMax = 64
const query = 0x51

/** BEGIN and START TRANSACTION (PostgreSQL 18 documentation, part VI) without any option, of which some can fail. */
const plainBegin = /^\s*(?:begin(?:\s+(?:work|transaction))?|(start\s+transaction))\s*;?\s*$/i

/** null unless that is all that `units` hold. */
export function readPlainBegin(units: FrontendUnits): PlainBegin | null {
  if (!units.isQuery || units.heldBytes > messageBytesMax) return null
  const message = units.joined()
  const isAlone = message[0] === query && units.readyCount === 1 && isWhole(message)
  const found = isAlone ? plainBegin.exec(statementIn([message]) ?? '') : null
  if (!found) return null
  const tag = found[1] === undefined ? 'BEGIN' : 'START TRANSACTION'
  return { message, answer: Buffer.concat([commandCompleteMessage(tag), readyMessage('open')]) }
}

/** The backend knows of nothing that is under way; `undefined` before there is a session. */
export function isWithoutBackend(state: ConversationState | undefined): boolean {
  return !state || (state.transaction === 'idle' && state.isReady)
}

/** Nor does the client. */
export function isBetween(state: ConversationState | undefined): boolean {
  return isWithoutBackend(state) && !state?.ahead
}

function isWhole(message: Uint8Array): boolean {
  const { buffer, byteOffset, length } = message
  return length > 5 && new DataView(buffer, byteOffset).getUint32(1) === length - 1
}
