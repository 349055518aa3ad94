/**
 * Postgres's character encodings: their names by number, and how long a character of each is. A port of what
 * common/wchar.c and mb/pg_wchar.h (PostgreSQL 18) say of them; what PGlite has of it, it does not export. Knows no
 * conversion.
 */

/** By pg_enc (mb/pg_wchar.h), as pg_encoding_to_char names them. */
export const encodingNames: readonly string[] = [
  ...['SQL_ASCII', 'EUC_JP', 'EUC_CN', 'EUC_KR', 'EUC_TW', 'EUC_JIS_2004', 'UTF8', 'MULE_INTERNAL'],
  ...['LATIN1', 'LATIN2', 'LATIN3', 'LATIN4', 'LATIN5', 'LATIN6', 'LATIN7', 'LATIN8', 'LATIN9', 'LATIN10'],
  ...['WIN1256', 'WIN1258', 'WIN866', 'WIN874', 'KOI8R', 'WIN1251', 'WIN1252', 'ISO_8859_5', 'ISO_8859_6'],
  ...['ISO_8859_7', 'ISO_8859_8', 'WIN1250', 'WIN1253', 'WIN1254', 'WIN1255', 'WIN1257', 'KOI8U', 'SJIS'],
  ...['BIG5', 'GBK', 'UHC', 'GB18030', 'JOHAB', 'SHIFT_JIS_2004'],
]

export const utf8Encoding = encodingNames.indexOf('UTF8')

/** Leads of characters of EUC that are longer, or of another set. */
const [singleShift2, singleShift3] = [0x8e, 0x8f]

/** How long a character that begins with these bytes would be. */
type LengthOf = (first: number, second: number) => number
/** Whether bytes of that length, of which there is at least one beyond ASCII, are a character. */
type IsCharacter = (bytes: Uint8Array) => boolean

interface MultiByteEncoding {
  readonly lengthOf: LengthOf
  readonly isCharacter: IsCharacter
}

const isBetween = (byte = 0, lowest: number, highest: number): boolean => byte >= lowest && byte <= highest
const isEuc = (byte = 0): boolean => isBetween(byte, 0xa1, 0xfe)
const isHigh = (byte: number): boolean => byte >= 0x80

const eucLength: LengthOf = (first) => (first === singleShift3 ? 3 : isHigh(first) ? 2 : 1)
const twoIfHigh: LengthOf = (first) => (isHigh(first) ? 2 : 1)

const eucJp: MultiByteEncoding = {
  lengthOf: eucLength,
  isCharacter: ([first = 0, ...rest]) => {
    if (first === singleShift2) return isBetween(rest[0], 0xa1, 0xdf)
    return (first === singleShift3 || isEuc(first)) && rest.every(isEuc)
  },
}

const eucKr: MultiByteEncoding = { lengthOf: twoIfHigh, isCharacter: (bytes) => bytes.every(isEuc) }

const eucTw: MultiByteEncoding = {
  lengthOf: (first) => (first === singleShift2 ? 4 : eucLength(first, 0)),
  isCharacter: ([first = 0, ...rest]) => {
    if (first === singleShift2) return isBetween(rest[0], 0xa1, 0xa7) && rest.slice(1).every(isEuc)
    return first !== singleShift3 && rest.every(isEuc)
  },
}

const johab: MultiByteEncoding = {
  lengthOf: eucLength,
  isCharacter: (bytes) => bytes.subarray(1).every(isEuc),
}

const shiftJis: MultiByteEncoding = {
  lengthOf: (first) => (isHigh(first) && !isBetween(first, 0xa1, 0xdf) ? 2 : 1),
  isCharacter: ([first, second]) =>
    second === undefined ||
    ((isBetween(first, 0x81, 0x9f) || isBetween(first, 0xe0, 0xfc)) &&
      (isBetween(second, 0x40, 0x7e) || isBetween(second, 0x80, 0xfc))),
}

/** BIG5, GBK, UHC: all but NUL, and the pair that Postgres keeps for what is invalid (NONUTF8_INVALID_BYTE0). */
const anyTwo: MultiByteEncoding = {
  lengthOf: twoIfHigh,
  isCharacter: ([first, second]) => second !== 0 && !(first === 0x8d && second === 0x20),
}

const gb18030: MultiByteEncoding = {
  lengthOf: (first, second) => (isHigh(first) ? (isBetween(second, 0x30, 0x39) ? 4 : 2) : 1),
  isCharacter: ([first, second, third, fourth]) => {
    if (!isBetween(first, 0x81, 0xfe)) return false
    if (fourth !== undefined) return isBetween(third, 0x81, 0xfe) && isBetween(fourth, 0x30, 0x39)
    return isBetween(second, 0x40, 0x7e) || isBetween(second, 0x80, 0xfe)
  },
}

const utf8: MultiByteEncoding = { lengthOf: utf8Length, isCharacter: isLegalUtf8 }

/** All others have one byte a character. */
const multiByteEncodings: ReadonlyMap<string | undefined, MultiByteEncoding> = new Map([
  ...[['EUC_JP', eucJp] as const, ['EUC_JIS_2004', eucJp] as const, ['EUC_CN', eucKr] as const],
  ...[['EUC_KR', eucKr] as const, ['EUC_TW', eucTw] as const, ['JOHAB', johab] as const],
  ...[['SJIS', shiftJis] as const, ['SHIFT_JIS_2004', shiftJis] as const, ['BIG5', anyTwo] as const],
  ...[['GBK', anyTwo] as const, ['UHC', anyTwo] as const, ['GB18030', gb18030] as const],
  ['UTF8', utf8] as const,
])

/** How long a character that begins like these bytes is said to be, which need not be all there (pg_encoding_mblen). */
export function characterLength(encoding: number, [first = 0, second = 0]: Uint8Array): number {
  return multiByteEncodings.get(encodingNames[encoding])?.lengthOf(first, second) ?? 1
}

/** The length of the character at the beginning; negative if there is none (pg_encoding_verifymbchar). */
export function checkedCharacterLength(encoding: number, bytes: Uint8Array): number {
  const length = characterLength(encoding, bytes)
  if (length > bytes.length) return -1
  const known = multiByteEncodings.get(encodingNames[encoding])
  if (!known || (length === 1 && !isHigh(bytes[0] ?? 0))) return length
  return known.isCharacter(bytes.subarray(0, length)) ? length : -1
}

/** By the first byte alone, whatever it is (pg_utf_mblen). */
export function utf8Length(first: number): number {
  if (first < 0xc0) return 1
  if (first < 0xe0) return 2
  if (first < 0xf0) return 3
  return first < 0xf8 ? 4 : 1
}

/** Whether the bytes are one well-formed character (pg_utf8_islegal). */
export function isLegalUtf8(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes
  if (bytes.length !== characterBytes(first)) return false
  if (bytes.subarray(1).some((byte) => byte < 0x80 || byte > 0xbf)) return false
  switch (first) {
    case 0xe0:
      return second >= 0xa0
    case 0xed:
      return second <= 0x9f
    case 0xf0:
      return second >= 0x90
    case 0xf4:
      return second <= 0x8f
    default:
      return true
  }
}

/** How long the character that begins with this byte is; 0 when none does. */
function characterBytes(first: number): number {
  if (first >= 0x80 && first < 0xc2) return 0
  return first > 0xf4 ? 0 : utf8Length(first)
}
