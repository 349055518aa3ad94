/**
 * pg_cancel_backend and pg_terminate_backend as clients call them: by a statement that is nothing else, which must not
 * wait for the very statement that it is to end. Reads the call and its answer's form from frontend messages
 * (PostgreSQL 18 documentation, section 54.7), and makes the answer. Knows no session.
 */

import {
  backendMessage,
  commandCompleteMessage,
  dataRowMessage,
  parameterTypesMessage,
  readyMessage,
  rowDescriptionMessage,
} from './wire-messages.ts'

/** What is asked of a session. */
export interface SignalCall {
  readonly signal: 'cancel' | 'terminate'
  readonly processId: number
  /** How long the end of the session is waited for; 0: not at all. */
  readonly timeoutMs: number
}

/** Such a statement, of which only the arguments may be missing. */
export interface SignalStatement {
  readonly signal: SignalCall['signal']
  readonly column: string
  /** Numbers, or null for parameters in their order. */
  readonly arguments: readonly (number | null)[]
  /** The message that prepares it; null for one of a simple query. */
  readonly parse: Uint8Array | null
}

/** What a client has sent, as far as it is such a call. */
export interface SignalRequest {
  /** Null when a statement is only prepared or described. */
  readonly call: SignalCall | null
  /** What it has prepared, by name. */
  readonly prepared: ReadonlyMap<string, SignalStatement>
  /** All answers, if there is somebody who could be signalled. */
  readonly answer: Uint8Array
}

const argument = String.raw`(\d{1,9}|\$\d(?:\s*::\s*(?:int|int4|integer|int8|bigint))?)`
const statementPattern = new RegExp(
  String.raw`^\s*select\s+(?:pg_catalog\s*\.\s*)?(pg_(?:cancel|terminate)_backend)\s*\(\s*${argument}\s*` +
    String.raw`(?:,\s*${argument}\s*)?\)\s*(?:as\s+([a-z_][a-z_\d]*)\s*)?;?\s*$`,
  'i',
)
/** What every such statement contains, as bytes. */
const mark = '_backend'

const types = { query: 0x51, parse: 0x50, bind: 0x42, describe: 0x44, execute: 0x45, close: 0x43 }
const [flush, sync] = [0x48, 0x53]
const [ofStatement, ofPortal] = [0x53, 0x50]
const headBytes = 5
/** pid is an int4, timeout an int8 (catalog/pg_type.dat). */
const argumentTypes = [23, 20]

/** Whether it may be worth to read these pieces; costs next to nothing. */
export function mayBeSignalCall(pieces: readonly Uint8Array[]): boolean {
  return pieces.some((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(mark))
}

export function parseSignalStatement(sql: string, parse: Uint8Array | null): SignalStatement | null {
  const [, name, ...rest] = statementPattern.exec(sql) ?? []
  if (name === undefined) return null
  const [first = '', second, alias] = rest
  const texts = second === undefined ? [first] : [first, second]
  const values = texts.map((text) => (text.startsWith('$') ? null : Number(text)))
  const parameters = texts.filter((text) => text.startsWith('$'))
  if (parameters.some((text, index) => !text.startsWith(`$${index + 1}`))) return null
  const signal = name.toLowerCase() === 'pg_cancel_backend' ? 'cancel' : 'terminate'
  if (signal === 'cancel' && texts.length > 1) return null
  return { signal, column: alias?.toLowerCase() ?? name.toLowerCase(), arguments: values, parse }
}

/**
 * Reads whole messages: a simple query, or some of the extended protocol up to Sync or Flush. `known`: what has been
 * prepared before without the backend. Null for everything else.
 */
export function readSignalRequest(
  bytes: Uint8Array,
  known: ReadonlyMap<string, SignalStatement>,
): SignalRequest | null {
  const reader = new RequestReader(known)
  for (let at = 0; at < bytes.length;) {
    if (at + headBytes > bytes.length) return null
    const end = at + 1 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 1)
    if (end > bytes.length || end < at + headBytes || !reader.read(bytes.subarray(at, end))) return null
    at = end
  }
  return reader.request
}

class RequestReader {
  readonly #known: ReadonlyMap<string, SignalStatement>
  readonly #prepared = new Map<string, SignalStatement>()
  readonly #answers: Uint8Array[] = []
  #bound: BoundCall | null = null
  #call: SignalCall | null = null
  #isComplete = false

  constructor(known: ReadonlyMap<string, SignalStatement>) {
    this.#known = known
  }

  get request(): SignalRequest | null {
    if (!this.#isComplete) return null
    return { call: this.#call, prepared: this.#prepared, answer: Buffer.concat(this.#answers) }
  }

  /** False for what this is not. */
  read(message: Uint8Array): boolean {
    if (this.#isComplete) return false
    const fields = new Fields(message)
    switch (message[0]) {
      case types.query:
        return this.#readQuery(fields)
      case types.parse:
        return this.#readParse(fields, message)
      case types.bind:
        return this.#readBind(fields)
      case types.describe:
        return this.#readDescribe(fields)
      case types.execute:
        return this.#readExecute(fields)
      case sync:
      case flush:
        this.#isComplete = true
        if (message[0] === sync) this.#answers.push(readyMessage())
        return true
      default:
        return false
    }
  }

  #readQuery(fields: Fields): boolean {
    const statement = this.#answers.length === 0 ? parseSignalStatement(fields.text(), null) : null
    const bound = statement && bind(statement, [])
    if (!bound || !fields.isAtEnd) return false
    this.#answers.push(rowDescription(statement, 0), ...this.#execute(bound), readyMessage())
    this.#isComplete = true
    return true
  }

  #readParse(fields: Fields, message: Uint8Array): boolean {
    const name = fields.text()
    const statement = parseSignalStatement(fields.text(), message.slice())
    const given = Array.from({ length: fields.int16() }, () => fields.int32())
    if (!statement || !fields.isAtEnd || (name !== '' && this.#known.has(name))) return false
    const wanted = parameterTypes(statement)
    if (given.some((type, index) => type !== 0 && type !== wanted[index])) return false
    this.#prepared.set(name, statement)
    this.#answers.push(backendMessage('1'))
    return true
  }

  #readBind(fields: Fields): boolean {
    const portal = fields.text()
    const statement = this.#statement(fields.text())
    const formats = Array.from({ length: fields.int16() }, () => fields.int16())
    const values = Array.from({ length: fields.int16() }, (_, index) =>
      fields.number(formats.length === 1 ? formats[0] : formats[index]),
    )
    const [resultFormat = 0] = Array.from({ length: fields.int16() }, () => fields.int16())
    this.#bound = statement && bind(statement, values, resultFormat)
    this.#answers.push(backendMessage('2'))
    return portal === '' && this.#bound !== null && fields.isAtEnd
  }

  #readDescribe(fields: Fields): boolean {
    const kind = fields.byte()
    const name = fields.text()
    const statement = kind === ofStatement ? this.#statement(name) : this.#bound?.statement
    if (!statement || (kind === ofPortal && name !== '') || !fields.isAtEnd) return false
    if (kind === ofStatement) this.#answers.push(parameterTypesMessage(parameterTypes(statement)))
    const format = kind === ofPortal ? (this.#bound?.resultFormat ?? 0) : 0
    this.#answers.push(rowDescription(statement, format))
    return true
  }

  #readExecute(fields: Fields): boolean {
    const portal = fields.text()
    const rowsMax = fields.int32()
    if (!this.#bound || this.#call || portal !== '' || rowsMax !== 0 || !fields.isAtEnd) return false
    this.#answers.push(...this.#execute(this.#bound))
    return true
  }

  #execute({ statement, call, resultFormat }: BoundCall): Uint8Array[] {
    this.#call = { signal: statement.signal, ...call }
    const value = resultFormat === 1 ? Uint8Array.of(1) : Buffer.from('t')
    return [dataRowMessage(value), commandCompleteMessage('SELECT 1')]
  }

  #statement(name: string): SignalStatement | null {
    return this.#prepared.get(name) ?? this.#known.get(name) ?? null
  }
}

interface BoundCall {
  readonly statement: SignalStatement
  readonly call: Omit<SignalCall, 'signal'>
  readonly resultFormat: number
}

/** Null when a value is missing or none that Postgres would take. */
function bind(
  statement: SignalStatement,
  values: readonly (number | null)[],
  resultFormat = 0,
): BoundCall | null {
  const given = [...values]
  const [processId, timeoutMs = 0] = statement.arguments.map((value) => value ?? given.shift() ?? Number.NaN)
  if (given.length > 0 || !isCount(processId) || !isCount(timeoutMs)) return null
  return { statement, call: { processId, timeoutMs }, resultFormat }
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0
}

function parameterTypes({ arguments: values }: SignalStatement): number[] {
  return argumentTypes.filter((_, index) => values[index] === null)
}

/** BOOLOID, of one byte. */
function rowDescription({ column }: SignalStatement, format: number): Uint8Array {
  return rowDescriptionMessage({ name: column, type: 16, typeBytes: 1, format })
}

/** The fields of one message; what is not there reads as 0, and never as the end. */
class Fields {
  readonly #bytes: Buffer
  #at = headBytes

  constructor(message: Uint8Array) {
    this.#bytes = Buffer.from(message.buffer, message.byteOffset, message.length)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  byte(): number {
    return this.#has(1) ? this.#bytes.readUInt8(this.#at++) : 0
  }

  /** A count, which is never larger than the message. */
  int16(): number {
    if (!this.#has(2)) return 0
    this.#at += 2
    return Math.max(0, Math.min(this.#bytes.readInt16BE(this.#at - 2), this.#bytes.length))
  }

  int32(): number {
    if (!this.#has(4)) return 0
    this.#at += 4
    return this.#bytes.readInt32BE(this.#at - 4)
  }

  text(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    const text = this.#bytes.toString('utf8', this.#at, Math.max(end, this.#at))
    this.#at = end < 0 ? this.#bytes.length + 1 : end + 1
    return text
  }

  /** A parameter that is a whole number; null for every other. */
  number(format = 0): number | null {
    const length = this.int32()
    if (length <= 0 || !this.#has(length)) return null
    const start = this.#at
    this.#at += length
    if (format === 0) {
      const text = this.#bytes.toString('latin1', start, this.#at)
      return /^\d{1,9}$/.test(text) ? Number(text) : null
    }
    if (length === 4) return this.#bytes.readInt32BE(start)
    return length === 8 ? Number(this.#bytes.readBigInt64BE(start)) : null
  }

  /** Past the end nothing is at its end any more. */
  #has(count: number): boolean {
    if (this.#at + count <= this.#bytes.length) return true
    this.#at = this.#bytes.length + 1
    return false
  }
}
