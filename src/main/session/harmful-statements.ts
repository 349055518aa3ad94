/**
 * Finds, in what a client of the wire has sent, statements that look as if they changed or removed much: by their first
 * words, at the price of a look at some bytes each. Whether they do, a parser is asked.
 */

/** What is longer is data that somebody brings, nearly always. */
const lookedAtBytesMax = 1 << 20

const [query, parse] = [0x51, 0x50]
const headBytes = 5
const semicolon = 0x3b
const utf8 = new TextDecoder()

/** First letters of those below, and of comments: d, a, t, u, c, w, e, / and -. */
const firstBytes = new Set(
  ['d', 'a', 't', 'u', 'c', 'w', 'e', '/', '-'].map((letter) => letter.charCodeAt(0)),
)
const harmfulStart = /^\s*(?:drop|alter|truncate|delete|update|create|do|with|explain)\b|^\s*(?:--|\/\*)/i
/** Of one table, with a condition and nothing inside that may hide another. */
const boundedChange =
  /^\s*(?:update|delete)\b(?=[\s\S]*\swhere\s)(?![\s\S]*(?:\bselect\b|\bwith\b|\swhere\s+true\b))/i
/** It stands there beside nothing else. */
const plainCreate = /^\s*create\s+(?!or\b)/i

/** `wantsCreate`: what only makes something new counts, too. Empty where there is none. */
export function harmfulStatements(
  pieces: readonly Uint8Array[],
  { wantsCreate }: { readonly wantsCreate: boolean },
): string[] {
  const byteCount = pieces.reduce((sum, { length }) => sum + length, 0)
  if (byteCount > lookedAtBytesMax) return []
  const [first] = pieces
  const bytes = pieces.length === 1 && first ? first : Buffer.concat(pieces)
  const found: string[] = []
  for (let at = 0; at + headBytes < bytes.length;) {
    const type = bytes[at] ?? 0
    const end = at + 1 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 1)
    if (end > bytes.length || end <= at + headBytes) break
    if (type === query || type === parse) {
      const start = type === parse ? bytes.indexOf(0, at + headBytes) + 1 : at + headBytes
      const text = harmfulText(bytes.subarray(start, bytes.indexOf(0, start)), {
        wantsCreate,
        isQuery: type === query,
      })
      if (text !== null) found.push(text)
    }
    at = end
  }
  return found
}

function harmfulText(
  sql: Uint8Array,
  { wantsCreate, isQuery }: { readonly wantsCreate: boolean; readonly isQuery: boolean },
): string | null {
  // Several statements can only come in one message of the simple protocol.
  const inner = isQuery ? sql.indexOf(semicolon) : -1
  const isScript = inner >= 0 && inner < sql.length - 2
  if (!isScript && !firstBytes.has(firstByte(sql))) return null
  const text = utf8.decode(sql)
  if (isScript) return text
  if (!harmfulStart.test(text) || boundedChange.test(text)) return null
  return plainCreate.test(text) && !wantsCreate ? null : text
}

/** As a lower-case letter, behind spaces and line breaks. */
function firstByte(sql: Uint8Array): number {
  let at = 0
  while ((sql[at] ?? 0x41) <= 0x20) at += 1
  const byte = sql[at] ?? 0
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
}
