/** Joins pieces of a long text, some of them in each turn of the event loop. Knows no text. */

/** Copied in one turn: about a millisecond's worth, and several where the memory is new to the process. */
const bytesPerTurn = 4 << 20

/** The pieces one after the other, in memory of their own that can be transferred. `pieces` is emptied. */
export async function joinBytes(pieces: Uint8Array[], size: number): Promise<Uint8Array<ArrayBuffer>> {
  const [only] = pieces
  if (only && pieces.length === 1 && isWhole(only)) return only
  const joined = new Uint8Array(size)
  let at = 0
  let turnEnd = bytesPerTurn
  for (const piece of pieces.splice(0)) {
    if (at > turnEnd) {
      turnEnd = at + bytesPerTurn
      await new Promise((resolve) => setImmediate(resolve))
    }
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}

function isWhole(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer && bytes.length === bytes.buffer.byteLength
}
