/** How much a directory takes on disk. Knows nothing of what is in it. */

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../storage/storage-error.ts'

/** Bytes of all files in `path`; what is not there, or vanishes meanwhile, counts nothing. */
export function directorySize(path: string): Promise<number> {
  return orNothing(sizeOf(path))
}

async function sizeOf(path: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inside = join(path, entry.name)
    if (entry.isDirectory()) bytes += await directorySize(inside)
    else if (entry.isFile()) bytes += await orNothing(stat(inside).then((file) => file.size))
  }
  return bytes
}

async function orNothing(size: Promise<number>): Promise<number> {
  try {
    return await size
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0
    throw error
  }
}
