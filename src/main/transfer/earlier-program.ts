/**
 * The two large files of the PGlite of an earlier Postgres, where they are shipped compressed: few ever need them, and
 * they would be a fifth of the program. Knows their format; who opens a directory with them is not its business.
 */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import type { PGliteOptions } from 'pglite-postgres-17'

export type EarlierProgram = Pick<PGliteOptions, 'pgliteWasmModule' | 'fsBundle'>

/** As packaging names and compresses them: Zstandard, RFC 8878. */
const compressed = { program: 'pglite.wasm.zst', files: 'pglite.data.zst' } as const

const decompress = promisify(zstdDecompress)

/** What to open a directory with; nothing where PGlite finds its files in `packageFolder` itself. */
export async function earlierProgram(packageFolder: string): Promise<EarlierProgram> {
  const programFile = join(packageFolder, compressed.program)
  if (!existsSync(programFile)) return {}
  const [program, files] = await Promise.all([
    readFile(programFile).then((bytes) => decompress(bytes)),
    readFile(join(packageFolder, compressed.files)).then((bytes) => decompress(bytes)),
  ])
  return {
    pgliteWasmModule: new WebAssembly.Module(new Uint8Array(program)),
    fsBundle: new Blob([new Uint8Array(files)]),
  }
}
