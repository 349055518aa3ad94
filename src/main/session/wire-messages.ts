/**
 * The few backend messages that the host itself sends to a client of the wire protocol (PostgreSQL 18
 * documentation, sections 54.7 and 54.8). Knows no conversation.
 */

import type { EngineNotification } from '../engine/engine.ts'

export function notificationMessage({ processId, channel, payload }: EngineNotification): Uint8Array {
  const text = Buffer.from(`${channel}\0${payload}\0`)
  const message = Buffer.alloc(1 + 4 + 4 + text.length)
  message.write('A', 0, 'latin1')
  message.writeUInt32BE(4 + 4 + text.length, 1)
  message.writeInt32BE(processId, 5)
  text.copy(message, 9)
  return message
}

/** An error of a statement that was not run. */
export function errorMessage(sqlState: string, text: string): Uint8Array {
  const fields = Buffer.from(`SERROR\0VERROR\0C${sqlState}\0M${text}\0\0`)
  const message = Buffer.alloc(1 + 4 + fields.length)
  message.write('E', 0, 'latin1')
  message.writeUInt32BE(4 + fields.length, 1)
  fields.copy(message, 5)
  return message
}

/** How an ErrorResponse of Postgres's begins that tells of a cancel, behind its type and length. */
const cancelFields = Buffer.from('SERROR\0VERROR\0C57014\0')

/** Where among backend bytes the message begins that tells of a cancel; negative if there is none. */
export function findCancelError(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(cancelFields) - (1 + 4)
}

export function commandCompleteMessage(tag: string): Uint8Array {
  const text = Buffer.from(`${tag}\0`)
  const message = Buffer.alloc(1 + 4 + text.length)
  message.write('C', 0, 'latin1')
  message.writeUInt32BE(4 + text.length, 1)
  text.copy(message, 5)
  return message
}

/** ParameterStatus. */
export function parameterMessage(name: string, value: string): Uint8Array {
  const text = Buffer.from(`${name}\0${value}\0`)
  const message = Buffer.alloc(1 + 4 + text.length)
  message.write('S', 0, 'latin1')
  message.writeUInt32BE(4 + text.length, 1)
  text.copy(message, 5)
  return message
}

/** ReadyForQuery outside of a transaction. */
export function readyMessage(): Uint8Array {
  return Buffer.from([0x5a, 0, 0, 0, 5, 0x49])
}
