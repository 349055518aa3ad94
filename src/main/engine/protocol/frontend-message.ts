/**
 * Encodes the frontend messages of protocol 3.0 that the engine itself sends (PostgreSQL 18 documentation,
 * section 54.7). Large parts are passed through as pieces, never joined. Knows no state of a conversation.
 */

/** One or more messages, as pieces to be sent one after the other. */
export type Pieces = readonly Uint8Array[]

/** 0 is text, 1 is binary (section 54.7, Bind). */
export type FormatCode = 0 | 1

const utf8 = new TextEncoder()
const nul = new Uint8Array(1)
/** Type byte and length of a message. */
const headBytes = 5

/** Parse of the unnamed statement. Types of parameters are OIDs; 0, or none, is inferred. */
export function parseMessage(
  sql: Uint8Array,
  statementName = '',
  parameterTypes: readonly number[] = [],
): Pieces {
  const name = cString(statementName)
  const head = new Uint8Array(headBytes + name.length)
  head.set(name, headBytes)
  // The end of the text, then the types.
  const tail = new Uint8Array(3 + 4 * parameterTypes.length)
  const types = new DataView(tail.buffer)
  types.setUint16(1, parameterTypes.length)
  parameterTypes.forEach((oid, index) => types.setUint32(3 + 4 * index, oid))
  writeHead(head, 'P', name.length + sql.length + tail.length)
  return [head, sql, tail]
}

/** Describe of a prepared statement. */
export function describeStatementMessage(statementName = ''): Pieces {
  return [message('D', cString(`S${statementName}`))]
}

/** What Bind carries besides the names. */
export interface BindOptions {
  readonly statementName?: string
  /** In text format. */
  readonly parameters: readonly (string | null)[]
  /** One for each column of the result; empty when there are none. */
  readonly resultFormats: readonly FormatCode[]
}

/** Bind of the unnamed portal. */
export function bindMessage(options: BindOptions): Pieces {
  const names = cString(`\0${options.statementName ?? ''}`)
  const head = new Uint8Array(headBytes + names.length + 4)
  head.set(names, headBytes)
  const headView = new DataView(head.buffer)
  // Zero parameter format codes: all are text.
  headView.setUint16(headBytes + names.length + 2, options.parameters.length)
  const values = options.parameters.flatMap(parameterPieces)
  const formats = new DataView(new ArrayBuffer(2 + 2 * options.resultFormats.length))
  formats.setUint16(0, options.resultFormats.length)
  options.resultFormats.forEach((format, index) => formats.setUint16(2 + 2 * index, format))
  const body = [...values, new Uint8Array(formats.buffer)]
  const bodyBytes = body.reduce((sum, piece) => sum + piece.length, head.length - headBytes)
  writeHead(head, 'B', bodyBytes)
  return [head, ...body]
}

/** Execute of the unnamed portal; 0 rows means all. */
export function executeMessage(rowsMax: number): Pieces {
  const body = new Uint8Array(5)
  new DataView(body.buffer).setUint32(1, rowsMax)
  return [message('E', body)]
}

/** Close of the unnamed portal. */
export function closePortalMessage(): Pieces {
  return [message('C', cString('P'))]
}

export function closeStatementMessage(statementName: string): Pieces {
  return [message('C', cString(`S${statementName}`))]
}

export function syncMessage(): Pieces {
  return [message('S', new Uint8Array(0))]
}

export function flushMessage(): Pieces {
  return [message('H', new Uint8Array(0))]
}

export function queryMessage(sql: string): Pieces {
  return [message('Q', cString(sql))]
}

export function copyFailMessage(reason: string): Pieces {
  return [message('f', cString(reason))]
}

function parameterPieces(value: string | null): Uint8Array[] {
  const length = new Uint8Array(4)
  if (value === null) {
    new DataView(length.buffer).setInt32(0, -1)
    return [length]
  }
  const bytes = utf8.encode(value)
  new DataView(length.buffer).setInt32(0, bytes.length)
  return [length, bytes]
}

function message(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headBytes + body.length)
  writeHead(bytes, type, body.length)
  bytes.set(body, headBytes)
  return bytes
}

function writeHead(target: Uint8Array, type: string, bodyBytes: number): void {
  target[0] = type.charCodeAt(0)
  new DataView(target.buffer).setUint32(1, bodyBytes + 4)
}

function cString(text: string): Uint8Array {
  const bytes = utf8.encode(text)
  const terminated = new Uint8Array(bytes.length + nul.length)
  terminated.set(bytes)
  return terminated
}
