/**
 * CREATE, ALTER and DROP DATABASE as they come over the wire: here a database is an instance, so the host makes,
 * names and removes it. Reads one such statement, by either protocol, and nothing else.
 */

import { backendMessage, parameterTypesMessage } from './wire-messages.ts'

/** What the statement asks for. */
export interface DatabaseCommand {
  readonly kind: 'create' | 'drop' | 'rename' | 'give' | 'change'
  readonly name: string
  /** ALTER DATABASE … RENAME TO. */
  readonly newName: string | null
  /** CREATE DATABASE … OWNER, ALTER DATABASE … OWNER TO; null for who asks. */
  readonly owner: string | null
  /** DROP DATABASE IF EXISTS. */
  readonly mayBeMissing: boolean
  /** DROP DATABASE … WITH (FORCE): also while others are connected to it. */
  readonly isForced: boolean
  /** What CREATE DATABASE shall copy; null for nothing. */
  readonly template: string | null
  /** What is said of a database besides (`change`), which its own backend has to run; else empty. */
  readonly sql: string
}

/** What the client is told when it is done. */
export interface DatabaseAnswer {
  readonly tag: string
  readonly notice: string | null
}

const identifier = String.raw`("(?:[^"]|"")+"|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*)`
/** Options such as ENCODING have one possible value here, or none that matters. */
const createPattern = new RegExp(String.raw`^\s*create\s+database\s+${identifier}(?:\s[^;]*)?;?\s*$`, 'i')
const dropPattern = new RegExp(
  String.raw`^\s*drop\s+database\s+(if\s+exists\s+)?${identifier}\s*((?:with\s*)?\(\s*force\s*\))?\s*;?\s*$`,
  'i',
)

const alterPattern = new RegExp(
  String.raw`^\s*alter\s+database\s+${identifier}\s+(rename|owner)\s+to\s+${identifier}\s*;?\s*$`,
  'i',
)

const encodingPattern = /\sencoding\s*(?:=\s*|\s)('[^']*'|[\w-]+)/i
/** Names that Postgres knows (pg_encname_tbl in common/encnames.c), and the number of UTF8. */
const encodings = new RegExp(
  '^(default|6|utf8|unicode|sqlascii|latin\\d+|iso8859\\d+|win\\d*|windows\\d+|koi8[ru]?|abc|alt|tcvn\\d*|vscii|' +
    'big5|gbk|gb18030|johab|uhc|sjis|shiftjis\\w*|mskanji|euc\\w+|muleinternal)$',
  'i',
)

/** Settings, limits, rights and the comment of a database. */
const changePatterns = [
  String.raw`alter\s+database\s+${identifier}\s[^;]*`,
  String.raw`comment\s+on\s+database\s+${identifier}\s+is\s+(?:null|'(?:[^']|'')*')`,
  String.raw`(?:grant|revoke)\s[^;]*?\son\s+database\s+${identifier}\s+(?:to|from)\s[^;]*`,
].map((pattern) => new RegExp(String.raw`^\s*${pattern}\s*;?\s*$`, 'i'))

/** A template that holds nothing of anybody's, or DEFAULT. */
const emptyTemplates = new Set(['template0', 'template1', 'default'])
const ownerPattern = new RegExp(String.raw`\sowner\s*(?:=\s*|\s)${identifier}`, 'i')
/** OWNER DEFAULT is who asks; the others stand for roles that only the backend knows. */
const ownersOfBackend = new Set(['default', 'current_user', 'current_role', 'session_user'])
const templatePattern = new RegExp(String.raw`\stemplate\s*(?:=\s*|\s)${identifier}`, 'i')

/** Types of messages, in the order in which one statement of the extended protocol comes (section 54.2.3). */
const [query, parse, describe, bind, execute, sync] = [0x51, 0x50, 0x44, 0x42, 0x45, 0x53]
const headBytes = 5
/** No such statement is longer. */
const messageBytesMax = 4096

const utf8 = new TextDecoder()

/** What a client has sent, and what it is answered around the answer of the command. */
export interface DatabaseRequest {
  readonly command: DatabaseCommand
  readonly before: Uint8Array
}

/** What they begin with. */
const verbs = ['alter ', 'comment ', 'create ', 'drop ', 'grant ', 'revoke '].map((verb) => Buffer.from(verb))

/** By the first word of its SQL, which may be followed by any white space. */
export function mayBeDatabaseRequest(bytes: Uint8Array | undefined): boolean {
  if (!bytes) return false
  let at = bytes[0] === parse ? bytes.indexOf(0, headBytes) + 1 : headBytes
  while ((bytes[at] ?? 0) === 0x20 || (bytes[at] ?? 0) === 0x0a) at += 1
  const letter = (bytes[at] ?? 0) | 0x20
  return verbs.some((verb) => verb[0] === letter && isWordAt(bytes, at, verb))
}

function isWordAt(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  const last = word.length - 1
  for (let index = 0; index < last; index++)
    if (((bytes[at + index] ?? 0) | 0x20) !== word[index]) return false
  return (bytes[at + last] ?? 0) <= 0x20
}

/** Null for everything else, several statements among it. */
export function readDatabaseRequest(bytes: Uint8Array): DatabaseRequest | null {
  if (bytes.length > messageBytesMax || bytes.length < headBytes) return null
  const messages = wholeMessages(bytes)
  const [first] = messages
  if (!first) return null
  const isQuery = first[0] === query
  if (isQuery ? messages.length > 1 : !isOneStatement(messages)) return null
  // The unnamed statement: its name is one NUL.
  const start = isQuery ? headBytes : headBytes + 1
  const command = parseDatabaseCommand(utf8.decode(first.subarray(start, first.indexOf(0, start))))
  return command && { command, before: isQuery ? new Uint8Array(0) : Buffer.concat(messages.map(answerTo)) }
}

/** The messages in `bytes`; none unless all of them are whole. */
export function wholeMessages(bytes: Uint8Array): Uint8Array[] {
  const messages: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    if (at + headBytes > bytes.length) return []
    const end = at + 1 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 1)
    if (end > bytes.length || end < at + headBytes) return []
    messages.push(bytes.subarray(at, end))
    at = end
  }
  return messages
}

/** Parse, Bind, Execute and Sync of the unnamed statement and portal without parameters, maybe described. */
function isOneStatement(messages: readonly Uint8Array[]): boolean {
  const types = messages.filter(([type]) => type !== describe).map(([type]) => type)
  if (types.join() !== [parse, bind, execute, sync].join()) return false
  return messages.every((message) => {
    const [type, , , , , first, second] = message
    if (type === parse) return first === 0
    if (type === bind) return first === 0 && second === 0 && isWithoutParameters(message)
    return type === describe ? second === 0 : true
  })
}

/** Of a Bind to the unnamed portal: behind the names no formats, or one for nothing, and no values. */
export function isWithoutParameters(message: Uint8Array, statement = ''): boolean {
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  const formats = headBytes + 2 + Buffer.byteLength(statement)
  if (message.length < formats + 2) return false
  const values = formats + 2 + (view.getUint16(formats) === 1 ? 2 : 0)
  return view.getUint16(formats) <= 1 && values + 2 <= message.length && view.getUint16(values) === 0
}

/** ParseComplete, BindComplete, and that there are neither parameters nor rows; empty for Execute and Sync. */
export function answerTo(message: Uint8Array): Uint8Array {
  const [type, , , , , kind] = message
  if (type === parse) return backendMessage('1')
  if (type === bind) return backendMessage('2')
  if (type !== describe) return new Uint8Array(0)
  const rows = backendMessage('n')
  return kind === sync ? Buffer.concat([parameterTypesMessage([]), rows]) : rows
}

const nothing = { newName: null, owner: null, mayBeMissing: false, isForced: false, template: null, sql: '' }

export function parseDatabaseCommand(sql: string): DatabaseCommand | null {
  const created = createPattern.exec(sql)
  // Postgres says what is wrong with it.
  if (created && !isKnownEncoding(created[0])) return null
  if (created) {
    const template = nameOf(templatePattern.exec(sql)?.[1] ?? 'template1')
    return {
      ...{ ...nothing, kind: 'create', name: nameOf(created[1]) },
      owner: ownerOf(ownerPattern.exec(created[0])?.[1]),
      template: emptyTemplates.has(template) ? null : template,
    }
  }
  const altered = alterPattern.exec(sql)
  if (altered) return alterCommand(altered)
  const changed = changePatterns.map((pattern) => pattern.exec(sql)).find((match) => match !== null)
  if (changed) return { ...nothing, kind: 'change', name: nameOf(changed[1]), sql }
  const dropped = dropPattern.exec(sql)
  if (!dropped) return null
  const [, ifExists, name, force] = dropped
  return {
    ...{ ...nothing, kind: 'drop', name: nameOf(name) },
    ...{ mayBeMissing: ifExists !== undefined, isForced: force !== undefined },
  }
}

/** PGlite has UTF-8 alone, and so no instance has another encoding; those of the list are taken for it. */
function isKnownEncoding(sql: string): boolean {
  const name = encodingPattern.exec(sql)?.[1] ?? 'default'
  return encodings.test(name.replaceAll(/[^a-z\d]/gi, ''))
}

function alterCommand([, name, verb, text]: RegExpExecArray): DatabaseCommand {
  const isRenamed = verb?.toLowerCase() === 'rename'
  return {
    ...{ ...nothing, kind: isRenamed ? 'rename' : 'give', name: nameOf(name) },
    ...{ newName: isRenamed ? nameOf(text) : null, owner: isRenamed ? null : ownerOf(text) },
  }
}

function ownerOf(text: string | undefined): string | null {
  return text === undefined || ownersOfBackend.has(text.toLowerCase()) ? null : nameOf(text)
}

/** Postgres folds what is not quoted (PostgreSQL 18 documentation, section 4.1.1). */
function nameOf(text = ''): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase()
}
