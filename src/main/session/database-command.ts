/**
 * CREATE DATABASE and DROP DATABASE as they come over the wire: here a database is an instance, so the host makes
 * and removes it. Reads a simple query of one such statement and nothing else.
 */

/** What the statement asks for. */
export interface DatabaseCommand {
  readonly kind: 'create' | 'drop'
  readonly name: string
  /** DROP DATABASE IF EXISTS. */
  readonly mayBeMissing: boolean
  /** DROP DATABASE … WITH (FORCE): also while others are connected to it. */
  readonly isForced: boolean
}

const identifier = String.raw`("(?:[^"]|"")+"|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*)`
/** Options such as OWNER or ENCODING have one possible value here, or none that matters. */
const createPattern = new RegExp(String.raw`^\s*create\s+database\s+${identifier}(?:\s[^;]*)?;?\s*$`, 'i')
const dropPattern = new RegExp(
  String.raw`^\s*drop\s+database\s+(if\s+exists\s+)?${identifier}\s*((?:with\s*)?\(\s*force\s*\))?\s*;?\s*$`,
  'i',
)

const query = 0x51
const headBytes = 5
/** No such statement is longer. */
const messageBytesMax = 4096

const utf8 = new TextDecoder()

/** Null for everything else, several messages among it. */
export function readDatabaseCommand(bytes: Uint8Array): DatabaseCommand | null {
  if (bytes[0] !== query || bytes.length > messageBytesMax || bytes.length < headBytes) return null
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
  if (length + 1 !== bytes.length) return null
  return parseDatabaseCommand(utf8.decode(bytes.subarray(headBytes, -1)))
}

export function parseDatabaseCommand(sql: string): DatabaseCommand | null {
  const created = createPattern.exec(sql)
  if (created) {
    return { kind: 'create', name: nameOf(created[1]), mayBeMissing: false, isForced: false }
  }
  const dropped = dropPattern.exec(sql)
  if (!dropped) return null
  const [, ifExists, name, force] = dropped
  return {
    ...{ kind: 'drop', name: nameOf(name) },
    ...{ mayBeMissing: ifExists !== undefined, isForced: force !== undefined },
  }
}

/** Postgres folds what is not quoted (PostgreSQL 18 documentation, section 4.1.1). */
function nameOf(text = ''): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase()
}
