/** The files of an earlier PGlite, as its package has them and as they are shipped. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { earlierProgram } from './earlier-program.ts'

/** The smallest module (WebAssembly Core Specification 2.0, section 5.5.16): magic and version. */
const emptyModule = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardian-earlier-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('earlierProgram', () => {
  it('leaves it to PGlite to find its files where they are not compressed', async () => {
    expect(await earlierProgram(folder)).toEqual({})
  })

  it('has them unpacked where they are', async () => {
    await writeFile(join(folder, 'pglite.wasm.zst'), zstdCompressSync(emptyModule))
    await writeFile(join(folder, 'pglite.data.zst'), zstdCompressSync(Buffer.from('files')))
    const { pgliteWasmModule, fsBundle } = await earlierProgram(folder)
    expect(pgliteWasmModule).toBeInstanceOf(WebAssembly.Module)
    expect(await fsBundle?.text()).toBe('files')
  })
})
