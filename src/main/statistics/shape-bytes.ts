/** What each byte of a statement may begin, after scan.l. Data only. */

export const kinds = { other: 0, space: 1, word: 2, digit: 3, quote: 4, doubleQuote: 5, special: 6 } as const

const dollar = 36

/** By byte: one of the kinds. */
export const kindOf: Readonly<Uint8Array> = makeKinds()

/** By byte: ASCII letters in lower case, everything else as it is. */
export const lowerCase: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 65 && byte <= 90 ? byte | 32 : byte,
)

/** By byte: 1 for what a word goes on with (scan.l, `ident_cont`). */
export const isWordByte: Readonly<Uint8Array> = kindOf.map((kind, byte) =>
  kind === kinds.word || kind === kinds.digit || byte === dollar ? 1 : 0,
)

function makeKinds(): Uint8Array {
  const kindsOf = new Uint8Array(256)
  const set = (chars: string, kind: number): void => {
    for (const char of chars) kindsOf[char.charCodeAt(0)] = kind
  }
  set(' \t\n\r\f\v', kinds.space)
  set('0123456789', kinds.digit)
  set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_', kinds.word)
  set(`'`, kinds.quote)
  set('"', kinds.doubleQuote)
  set('-/.$', kinds.special)
  kindsOf.fill(kinds.word, 128)
  return kindsOf
}
