/**
 * Postgres's tables of characters, which the libraries of its conversions bring: trees of one level for each byte of a
 * character, and lists of pairs that are one character elsewhere (pg_mb_radix_tree and pg_utf_to_local_combined of
 * mb/pg_wchar.h, PostgreSQL 18). Reads them where they lie in WebAssembly's memory; converts no text.
 */

/** Offsets in pg_mb_radix_tree: of the two arrays, of which one is there, and of the root for each length. */
const chars16Offset = 0
const chars32Offset = 4
const rootOffsets = [8, 16, 24, 36]
/** Behind each root the lowest and the highest value of each byte. */
const boundsOffset = 4

/** Three 32-bit words each. */
const combinationBytes = 12

/** What the character of these bytes is in the other encoding, as its bytes in one number; 0 if it is nothing. */
export function lookUp(memory: Uint8Array, tree: number, character: Uint8Array): number {
  const view = new DataView(memory.buffer)
  const rootOffset = rootOffsets[character.length - 1]
  if (rootOffset === undefined) return 0
  const bounds = tree + rootOffset + boundsOffset
  const wide = view.getUint32(tree + chars32Offset, true)
  const narrow = view.getUint32(tree + chars16Offset, true)
  let index = view.getUint32(tree + rootOffset, true)
  for (const [level, byte] of character.entries()) {
    const lowest = view.getUint8(bounds + 2 * level)
    if (byte < lowest || byte > view.getUint8(bounds + 2 * level + 1)) return 0
    const at = index + byte - lowest
    index = wide === 0 ? view.getUint16(narrow + 2 * at, true) : view.getUint32(wide + 4 * at, true)
  }
  return index
}

/** A sorted list of combinations. */
export interface Combinations {
  /** 0 for none. */
  readonly address: number
  readonly count: number
}

/** The third word of the entry whose first two are these; 0 if there is none. */
export function findPair(memory: Uint8Array, list: Combinations, pair: readonly [number, number]): number {
  return find(memory, list, pair)?.[2] ?? 0
}

/** The two others of the entry whose first word is `code`. */
export function findCombined(
  memory: Uint8Array,
  list: Combinations,
  code: number,
): readonly [number, number] | null {
  const found = find(memory, list, [code])
  return found && [found[1], found[2]]
}

type Entry = readonly [number, number, number]

function find(memory: Uint8Array, { address, count }: Combinations, key: readonly number[]): Entry | null {
  if (address === 0) return null
  const view = new DataView(memory.buffer)
  const word = (at: number, index: number): number =>
    view.getUint32(address + at * combinationBytes + 4 * index, true)
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    const differing = key.findIndex((value, index) => value !== word(middle, index))
    if (differing < 0) return [word(middle, 0), word(middle, 1), word(middle, 2)]
    if ((key[differing] ?? 0) < word(middle, differing)) high = middle
    else low = middle + 1
  }
  return null
}
