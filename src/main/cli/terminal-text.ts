/**
 * Text as it may be shown in a terminal: on one line, without characters that move the cursor, change colours or
 * the direction of writing, and measured in columns of the screen.
 */

/** C0, DEL, C1, line separators, and what is invisible or turns the direction of writing. */
const hidden = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

/** Scripts and symbols that take two columns. Near enough for alignment, which is all that depends on it. */
const wideScripts = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u
const wideSymbols = /[\p{Emoji_Presentation}\u3001-\u303e\uff01-\uff60\uffe0-\uffe6]/u
const noWidth = /[\p{Mn}\p{Me}\p{Cf}]/u
const plain = /^[\x20-\x7e]*$/

const named: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** `text` on one line; characters that steer a terminal appear as escapes. */
export function visibleText(text: string): string {
  return text.replace(hidden, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0')
    return named.get(character) ?? `\\u${code}`
  })
}

/** Columns of the screen that `text` takes. */
export function textWidth(text: string): number {
  if (plain.test(text)) return text.length
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}

/** `text` within `widthMax` columns, with an ellipsis where it was cut. */
export function shortened(text: string, widthMax: number): string {
  if (textWidth(text) <= widthMax) return text
  let width = 1
  let kept = ''
  for (const character of text) {
    width += characterWidth(character)
    if (width > widthMax) break
    kept += character
  }
  return `${kept}…`
}

function characterWidth(character: string): number {
  if (noWidth.test(character)) return 0
  return wideScripts.test(character) || wideSymbols.test(character) ? 2 : 1
}
