/** A file that appears when it is complete and on disk, and not before. Knows nothing of what is in it. */

import { randomBytes } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { WorkbenchError } from '../../contract/error.ts'

export type Write = (bytes: Uint8Array) => Promise<void>

/** Under another name until it is complete and on disk. */
export async function writeFileAtOnce<T>(file: string, produce: (write: Write) => Promise<T>): Promise<T> {
  const partFile = `${file}.${randomBytes(4).toString('hex')}.part`
  try {
    // What is written shows data to whoever can read it.
    const handle = await open(partFile, 'wx', 0o600)
    const result = await fill(handle, produce)
    await rename(partFile, file)
    return result
  } catch (error) {
    await rm(partFile, { force: true })
    throw error instanceof WorkbenchError ? error : writeError(file, error)
  }
}

async function fill<T>(handle: FileHandle, produce: (write: Write) => Promise<T>): Promise<T> {
  try {
    const result = await produce((bytes) => handle.writeFile(bytes))
    await handle.sync()
    return result
  } finally {
    await handle.close()
  }
}

function writeError(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const code = error.code === 'ENOSPC' ? 'disk-full' : 'storage-failed'
  return new WorkbenchError(code, `${file} could not be written: ${error.message}`, { cause: error })
}
