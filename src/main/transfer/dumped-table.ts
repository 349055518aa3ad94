/**
 * Which table pg_dump begins to read, told from the one message that it sends for that: a Query (PostgreSQL 18
 * documentation, section 54.7) of COPY, or of a cursor where rows become INSERTs. For progress alone.
 */

import { frameHeadBytes } from '../engine/protocol/message-frames.ts'

const queryType = 0x51

/** As pg_dump 18 words them (bin/pg_dump/pg_dump.c, dumpTableData_copy and dumpTableData_insert). */
const copied = /^COPY (.+?) (?:\([^)]*\) )?TO stdout;$/s
const selected = /^DECLARE _pg_dump_cursor CURSOR FOR SELECT .* FROM ONLY (.+?)(?: WHERE.*)?$/s

/** Longer ones are not COPY. */
const queryBytesMax = 64 << 10

/** The qualified name as SQL has it; null for any other message. */
export function dumpedTable(message: Uint8Array): string | null {
  if (message[0] !== queryType || message.length > queryBytesMax) return null
  const text = Buffer.from(message.buffer, message.byteOffset, message.length)
  const first = text.subarray(frameHeadBytes, frameHeadBytes + 4).toString('latin1')
  if (first !== 'COPY' && first !== 'DECL') return null
  const query = text.toString('utf8', frameHeadBytes, text.length - 1)
  const [, table] = copied.exec(query) ?? selected.exec(query) ?? []
  return table ?? null
}
