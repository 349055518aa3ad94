/**
 * What differs between two texts, line by line: lines that both have, those that only one has, in an order that reads
 * well. Knows nothing of what the lines say.
 */

/** Beyond this many cells the table of the comparison costs more than its result is worth: a few milliseconds. */
const cellsMax = 1_000_000

/**
 * The lines of both texts, each behind ` `, `-` (only before) or `+` (only after). Long texts that differ nearly
 * everywhere are told as one replaced by the other.
 */
export function lineDifference(before: string, after: string): string {
  const [old, now] = [splitLines(before), splitLines(after)]
  const head = commonHead(old, now)
  const tail = commonTail(old.slice(head), now.slice(head))
  const removed = old.slice(head, old.length - tail)
  const added = now.slice(head, now.length - tail)
  return [
    ...marked(' ', old.slice(0, head)),
    ...middle(removed, added),
    ...marked(' ', old.slice(old.length - tail)),
  ].join('\n')
}

function splitLines(text: string): string[] {
  return text === '' ? [] : text.split('\n')
}

function marked(mark: ' ' | '-' | '+', lines: readonly string[]): string[] {
  return lines.map((line) => `${mark}${line}`)
}

function commonHead(a: readonly string[], b: readonly string[]): number {
  let count = 0
  while (count < a.length && count < b.length && a[count] === b[count]) count += 1
  return count
}

function commonTail(a: readonly string[], b: readonly string[]): number {
  let count = 0
  while (count < a.length && count < b.length && a.at(-1 - count) === b.at(-1 - count)) count += 1
  return count
}

function middle(removed: readonly string[], added: readonly string[]): string[] {
  if (removed.length * added.length > cellsMax) return [...marked('-', removed), ...marked('+', added)]
  const lengths = commonLengths(removed, added)
  const lines: string[] = []
  let [a, b] = [0, 0]
  while (a < removed.length && b < added.length) {
    if (removed[a] === added[b]) {
      lines.push(` ${removed[a]}`)
      a += 1
      b += 1
    } else if ((lengths[a + 1]?.[b] ?? 0) >= (lengths[a]?.[b + 1] ?? 0)) lines.push(`-${removed[a++]}`)
    else lines.push(`+${added[b++]}`)
  }
  return [...lines, ...marked('-', removed.slice(a)), ...marked('+', added.slice(b))]
}

/** How many lines the rests from each pair of places on have in common. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint32Array[] {
  const rows = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const [row, below] = [rows[i], rows[i + 1]]
      if (!row || !below) continue
      row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0)
    }
  }
  return rows
}
