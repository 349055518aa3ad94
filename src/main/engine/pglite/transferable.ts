/** Bytes on their way to another thread. */

/** The buffer of bytes that are given away: where it is theirs alone; others are copied. */
export function transferable(bytes: Uint8Array): ArrayBuffer[] {
  const { buffer, byteLength } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : []
}
