/** Reads a file of SQL that the user has chosen into a request for the page; everything else is one already. */

import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { sqlFileLengthMax, type ShellRequest } from '../../contract/shell-request.ts'
import type { OpenTarget } from './open-target.ts'

/** Never throws: what cannot be read is said in the window. */
export async function requestOf(target: OpenTarget): Promise<ShellRequest> {
  if (target.kind !== 'sql-file') return target
  const name = basename(target.file).slice(0, 256)
  const problem = (why: string): ShellRequest => ({
    kind: 'problem',
    message: `${name} was not opened: ${why}`.slice(0, 4_096),
  })
  try {
    const bytes = await readAtMost(target.file, sqlFileLengthMax)
    if (bytes === null) return problem('it is larger than 32 MB; restore it as a dump instead')
    if (bytes.includes(0)) return problem('it is not a text')
    return { kind: 'sql', name, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    if (error instanceof TypeError) return problem('it is not UTF-8')
    return problem(error instanceof Error ? error.message : 'it could not be read')
  }
}

/** null: it is longer. A pipe or a device has no length that could be asked for, and is not a file. */
async function readAtMost(path: string, bytesMax: number): Promise<Uint8Array | null> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size > bytesMax) return null
    const bytes = new Uint8Array(size)
    let done = 0
    while (done < size) {
      const { bytesRead } = await file.read(bytes, done, size - done)
      if (bytesRead === 0) break
      done += bytesRead
    }
    return bytes.subarray(0, done)
  } finally {
    await file.close()
  }
}
