/**
 * Where tests put their files: into memory, where the machine has a folder there and room in it. Hundreds of
 * databases are made by them, each of which syncs six hundred files, and nobody needs any of it after a loss of
 * power. Knows no test.
 */

import { readFileSync, statfsSync } from 'node:fs'
import { freemem } from 'node:os'

const folder = '/dev/shm'

/** Several times what tests have there at once. */
const freeBytesMin = 4 * 2 ** 30

/** Engines need memory, too: as much as that again is left to them. */
const memoryBytesMin = 2 * freeBytesMin

/** A folder in memory for TMPDIR; null where there is none that is large enough. */
export function memoryFolder(): string | null {
  try {
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .findLast(([, path]) => path === folder)
    // Some tests run programs that they have written.
    if (
      mount?.[2] !== 'tmpfs' ||
      mount[3]?.split(',').some((option) => option === 'noexec' || option === 'ro')
    )
      return null
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize >= freeBytesMin && freemem() >= memoryBytesMin ? folder : null
  } catch {
    // Another system, or a container without it.
    return null
  }
}
