/**
 * The few backend messages that the host itself sends to a client of the wire protocol (PostgreSQL 18
 * documentation, sections 54.7 and 54.8). Knows no conversation.
 */

import type { TransactionState } from '../../contract/statement.ts'
import type { EngineNotification } from '../engine/engine.ts'

/** A message of that type, with these parts of its body. */
export function backendMessage(type: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const bodyBytes = parts.reduce((sum, { length }) => sum + length, 0)
  const head = Buffer.alloc(1 + 4)
  head.write(type, 0, 'latin1')
  head.writeUInt32BE(4 + bodyBytes, 1)
  return Buffer.concat([head, ...parts])
}

export function notificationMessage({ processId, channel, payload }: EngineNotification): Uint8Array {
  return backendMessage('A', int32(processId), Buffer.from(`${channel}\0${payload}\0`))
}

/** An error of a statement that was not run. */
export function errorMessage(sqlState: string, text: string, detail: string | null = null): Uint8Array {
  const more = detail === null ? '' : `D${detail}\0`
  return backendMessage('E', Buffer.from(`SERROR\0VERROR\0C${sqlState}\0M${text}\0${more}\0`))
}

/** NoticeResponse of the severity NOTICE. */
export function noticeMessage(text: string): Uint8Array {
  return backendMessage('N', Buffer.from(`SNOTICE\0VNOTICE\0C00000\0M${text}\0\0`))
}

/** How an ErrorResponse of Postgres's begins that tells of a cancel, behind its type and length. */
const cancelFields = Buffer.from('SERROR\0VERROR\0C57014\0')

/** Where among backend bytes the message begins that tells of a cancel; negative if there is none. */
export function findCancelError(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(cancelFields) - (1 + 4)
}

export function commandCompleteMessage(tag: string): Uint8Array {
  return backendMessage('C', Buffer.from(`${tag}\0`))
}

/** ParameterStatus. */
export function parameterMessage(name: string, value: string): Uint8Array {
  return backendMessage('S', Buffer.from(`${name}\0${value}\0`))
}

/** ParameterDescription: the oids of types. */
export function parameterTypesMessage(types: readonly number[]): Uint8Array {
  return backendMessage('t', int16(types.length), ...types.map(int32))
}

/** A column that comes from no table. */
export interface ComputedColumn {
  readonly name: string
  /** Its oid. */
  readonly type: number
  readonly typeBytes: number
  /** 0 for text, 1 for binary. */
  readonly format: number
}

/** RowDescription of one column. */
export function rowDescriptionMessage({ name, type, typeBytes, format }: ComputedColumn): Uint8Array {
  const ofTable = [int32(0), int16(0)]
  const ofType = [int32(type), int16(typeBytes), int32(-1), int16(format)]
  return backendMessage('T', int16(1), Buffer.from(`${name}\0`), ...ofTable, ...ofType)
}

/** DataRow of one value. */
export function dataRowMessage(value: Uint8Array): Uint8Array {
  return backendMessage('D', int16(1), int32(value.length), value)
}

const stateLetters = { idle: 0x49, open: 0x54, failed: 0x45 } as const

/** ReadyForQuery. */
export function readyMessage(transaction: TransactionState = 'idle'): Uint8Array {
  return Buffer.from([0x5a, 0, 0, 0, 5, stateLetters[transaction]])
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
