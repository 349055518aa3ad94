/**
 * A COPY that waits for data cannot see a cancel inside of Postgres, so it is ended by a CopyFail that says why; and
 * what Postgres makes of that is put into the words of a cancel (ProcessInterrupts, tcop/postgres.c). Knows no
 * conversation.
 */

/** Reasons of a CopyFail, which are what the client is told in the end. */
export const copyCancels = {
  request: 'canceling statement due to user request',
  timeout: 'canceling statement due to statement timeout',
} as const

/** How the error begins, behind its type and length: the words are those of CopyGetData. */
const head = Buffer.from('SERROR\0VERROR\0C57014\0M')
const prefix = Buffer.from('COPY from stdin failed: ')
const failed = Buffer.concat([head, prefix, Buffer.from('canceling statement')])
const lengthBytes = 4

/** Output of the backend, in which the error of such a COPY is that of a cancel. */
export function asCancelled(output: Uint8Array): Uint8Array {
  const bytes = Buffer.from(output.buffer, output.byteOffset, output.byteLength)
  const at = bytes.indexOf(failed)
  if (at < lengthBytes) return output
  const prefixAt = at + head.length
  const shorter = Buffer.concat([bytes.subarray(0, prefixAt), bytes.subarray(prefixAt + prefix.length)])
  shorter.writeUInt32BE(bytes.readUInt32BE(at - lengthBytes) - prefix.length, at - lengthBytes)
  return shorter
}
