/**
 * JSON laid out over lines without parsing it into values, so that no digit of a number and no escape changes.
 * Works on any text: what is not JSON comes out with its brackets spread, never with characters lost.
 */

const indentUnit = '  '
/** Deeper than this nobody reads; it also bounds how much longer the text can become. */
const indentDepthMax = 40

/** `text` with each member and element on a line of its own. */
export function indentJson(text: string): string {
  const out: string[] = []
  let depth = 0
  let at = 0
  const newline = (): void => void out.push(`\n${indentUnit.repeat(Math.min(depth, indentDepthMax))}`)
  while (at < text.length) {
    const char = text.charAt(at)
    const end = char === '"' ? stringEnd(text, at) : at + 1
    if (char === '{' || char === '[') {
      const inner = nextSolid(text, at + 1)
      const isEmpty = text.charAt(inner) === (char === '{' ? '}' : ']')
      out.push(isEmpty ? char + text.charAt(inner) : char)
      at = isEmpty ? inner + 1 : at + 1
      if (isEmpty) continue
      depth += 1
      newline()
      continue
    }
    if (char === '}' || char === ']') {
      depth = Math.max(0, depth - 1)
      newline()
    }
    if (!isSpace(char)) out.push(text.slice(at, end))
    if (char === ',') newline()
    else if (char === ':') out.push(' ')
    at = end
  }
  return out.join('')
}

function isSpace(char: string): boolean {
  return char === ' ' || char === '\n' || char === '\t' || char === '\r'
}

function nextSolid(text: string, from: number): number {
  let at = from
  while (at < text.length && isSpace(text.charAt(at))) at += 1
  return at
}

/** Behind the closing quote of the string that opens at `at`, or the end of the text. */
function stringEnd(text: string, at: number): number {
  let end = at + 1
  while (end < text.length && text.charAt(end) !== '"') end += text.charAt(end) === '\\' ? 2 : 1
  return Math.min(end + 1, text.length)
}
