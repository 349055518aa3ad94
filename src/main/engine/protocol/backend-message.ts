/**
 * Decodes the bodies of the backend messages that the engine understands (PostgreSQL 18 documentation,
 * sections 54.7 and 54.8). Bodies come from Postgres itself, whole. Knows no state of a conversation.
 */

import type { SqlErrorFields } from '../../../contract/error.ts'
import type { TransactionState } from '../../../contract/statement.ts'
import type { EngineNotification } from '../engine.ts'
import { frameHeadBytes } from './message-frames.ts'

/** Type bytes of backend messages. */
export const backendTypes = {
  authentication: 0x52,
  closeComplete: 0x33,
  commandComplete: 0x43,
  copyData: 0x64,
  copyDone: 0x63,
  copyInResponse: 0x47,
  copyOutResponse: 0x48,
  dataRow: 0x44,
  emptyQueryResponse: 0x49,
  errorResponse: 0x45,
  noData: 0x6e,
  noticeResponse: 0x4e,
  notificationResponse: 0x41,
  parameterStatus: 0x53,
  portalSuspended: 0x73,
  readyForQuery: 0x5a,
  rowDescription: 0x54,
} as const

/** A column as RowDescription tells it. */
export interface FieldDescription {
  readonly name: string
  readonly tableOid: number
  readonly columnNumber: number
  readonly typeOid: number
  readonly typeModifier: number
}

const utf8 = new TextDecoder()

/** Reads a body from its start. */
class BodyReader {
  readonly #body: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(body: Uint8Array) {
    this.#body = body
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  }

  byte(): number {
    return this.#view.getUint8(this.#at++)
  }

  uint16(): number {
    this.#at += 2
    return this.#view.getUint16(this.#at - 2)
  }

  int16(): number {
    this.#at += 2
    return this.#view.getInt16(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#view.getInt32(this.#at - 4)
  }

  uint32(): number {
    this.#at += 4
    return this.#view.getUint32(this.#at - 4)
  }

  text(): string {
    const end = this.#body.indexOf(0, this.#at)
    if (end < 0) throw new RangeError('A text of the server has no end')
    const bytes = this.#body.subarray(this.#at, end)
    this.#at = end + 1
    return utf8.decode(bytes)
  }
}

/** RowDescription. */
export function readFields(body: Uint8Array): FieldDescription[] {
  const reader = new BodyReader(body)
  return Array.from({ length: reader.uint16() }, () => {
    const name = reader.text()
    const tableOid = reader.uint32()
    const columnNumber = reader.int16()
    const typeOid = reader.uint32()
    reader.int16() // type size
    const typeModifier = reader.int32()
    reader.int16() // format
    return { name, tableOid, columnNumber, typeOid, typeModifier }
  })
}

/** CommandComplete. */
export function readCommandTag(body: Uint8Array): string {
  return new BodyReader(body).text()
}

/** ReadyForQuery. */
export function readTransactionState(body: Uint8Array): TransactionState {
  return transactionStateOf(body[0] ?? 0)
}

/** The status byte of ReadyForQuery: I, T or E. */
export function transactionStateOf(status: number): TransactionState {
  if (status === 0x49) return 'idle'
  return status === 0x54 ? 'open' : 'failed'
}

/** NotificationResponse. */
export function readNotification(body: Uint8Array): EngineNotification {
  const reader = new BodyReader(body)
  return { processId: reader.int32(), channel: reader.text(), payload: reader.text() }
}

/** ParameterStatus. */
export function readParameter(body: Uint8Array): [name: string, value: string] {
  const reader = new BodyReader(body)
  return [reader.text(), reader.text()]
}

/** The overall format of CopyOutResponse or CopyInResponse: whether the data is binary. */
export function isBinaryCopy(body: Uint8Array): boolean {
  return body[0] === 1
}

/** ErrorResponse or NoticeResponse; fields that this protocol version does not name are passed over. */
export function readErrorFields(body: Uint8Array): SqlErrorFields {
  const reader = new BodyReader(body)
  const fields = new Map<string, string>()
  for (let type = reader.byte(); type !== 0; type = reader.byte()) {
    fields.set(String.fromCharCode(type), reader.text())
  }
  const text = (type: string): string | null => fields.get(type) ?? null
  const count = (type: string): number | null => (fields.has(type) ? Number(fields.get(type)) : null)
  return {
    severity: text('V') ?? text('S') ?? 'ERROR',
    code: text('C') ?? 'XX000',
    message: text('M') ?? '',
    detail: text('D'),
    hint: text('H'),
    position: count('P'),
    internalPosition: count('p'),
    internalQuery: text('q'),
    where: text('W'),
    schema: text('s'),
    table: text('t'),
    column: text('c'),
    dataType: text('d'),
    constraint: text('n'),
    file: text('F'),
    line: text('L'),
    routine: text('R'),
  }
}

/** ParameterStatus, which PGlite's backend never sends by itself. */
export function parameterStatusMessage(name: string, value: string): Uint8Array {
  const text = Buffer.from(`${name}\0${value}\0`)
  const message = Buffer.alloc(frameHeadBytes + text.length)
  message.write('S', 0, 'latin1')
  message.writeUInt32BE(4 + text.length, 1)
  text.copy(message, frameHeadBytes)
  return message
}
