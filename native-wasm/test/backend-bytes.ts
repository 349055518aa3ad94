/**
 * Builds backend bytes for tests of the decoders: DataRows from cells, and any other message. Written from the
 * protocol's description alone (PostgreSQL 18 documentation, section 54.7), independently of the decoders.
 */

/** A cell as it travels: its bytes, or null. */
export type WireCell = Uint8Array | null

/** Any backend message. */
export function message(type: string, body: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** A DataRow. */
export function dataRow(cells: readonly WireCell[]): Buffer {
  const count = Buffer.alloc(2)
  count.writeUInt16BE(cells.length)
  const parts: Uint8Array[] = [count]
  for (const cell of cells) {
    const length = Buffer.alloc(4)
    length.writeInt32BE(cell === null ? -1 : cell.length)
    parts.push(length)
    if (cell !== null) parts.push(cell)
  }
  return message('D', Buffer.concat(parts))
}

/** CommandComplete. */
export function commandComplete(tag: string): Buffer {
  return message('C', Buffer.from(`${tag}\0`))
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes
}

export function float64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

export function text(value: string): Buffer {
  return Buffer.from(value, 'utf8')
}
