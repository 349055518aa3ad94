/**
 * Goal: what is packed comes out as it went in, and a file that is foreign, cut, changed or malicious leaves nothing
 * behind. Method: real files; archives as an attacker would make them, with the same library.
 */

import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress } from 'node:zlib'
import fc from 'fast-check'
import { pack } from 'tar-stream'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { toWireError } from '../../contract/error.ts'
import { packArchive } from './pack-archive.ts'
import { readArchiveManifest, unpackArchive } from './unpack-archive.ts'

const pathFor = temporaryDirectory()
const from = pathFor('data')
const file = pathFor('shop.wardian')
const contents: Readonly<Record<string, Buffer>> = {
  PG_VERSION: Buffer.from('18\n'),
  'base/5/1259': Buffer.alloc(300_000, 'row '),
  'base/5/empty': Buffer.alloc(0),
  'global/pg_control': Buffer.alloc(8192, 7),
}
const manifest = {
  ...{ writtenBy: '1.0.0', writtenAtMs: 1, name: 'shop', serverVersion: '18.6', engineVersion: '0.5.16' },
  options: null,
}
const watcher = { signal: new AbortController().signal, onProgress: () => undefined }
const numRuns = Number(process.env['WARDIAN_ARCHIVE_ROUNDS'] ?? 25)

beforeAll(async () => {
  for (const [name, bytes] of Object.entries(contents)) {
    await mkdir(join(from, name, '..'), { recursive: true })
    await writeFile(join(from, name), bytes)
  }
  await mkdir(join(from, 'pg_wal'))
  await packArchive({ from, file, mayReplace: false, manifest }, watcher)
})

let count = 0
/** A path that nothing is at. */
const newPath = (): string => pathFor(`to-${count++}`)

/** An archive with these entries, in order. */
async function forge(
  entries: readonly { readonly name: string; readonly text?: string; readonly type?: string }[],
) {
  const path = newPath()
  const archive = pack()
  for (const { name, text = '', type = 'file' } of entries) {
    archive.entry({ name, type: type as 'file', linkname: '/etc/passwd' }, type === 'file' ? text : '')
  }
  archive.finalize()
  await pipeline([archive as unknown as Readable, createZstdCompress(), createWriteStream(path)])
  return path
}

const head = (fileCount: number, byteCount: number): { name: string; text: string } => ({
  name: 'manifest.json',
  text: JSON.stringify({ ...manifest, format: 1, fileCount, byteCount }),
})

/** `refused` where nothing is left, `whole` where it came out as it went in. */
async function outcomeOf(path: string, to: string): Promise<string> {
  try {
    await unpackArchive({ file: path, to }, watcher)
  } catch (error) {
    const isLeft = await stat(to).then(
      () => true,
      () => false,
    )
    const { code } = toWireError(error)
    return !isLeft && (code === 'corrupt' || code === 'invalid-argument')
      ? 'refused'
      : `${code}, left: ${isLeft}`
  }
  // Zstandard has bits without a meaning, and Node an empty frame behind the last one.
  for (const [name, bytes] of Object.entries(contents)) {
    if (!(await readFile(join(to, name))).equals(bytes)) return `${name} differs`
  }
  return 'whole'
}

describe('an archive', () => {
  it('comes out as it went in, for its owner alone', async () => {
    const to = newPath()
    expect(await readArchiveManifest(file)).toMatchObject({ name: 'shop', fileCount: 4, byteCount: 308_195 })
    await unpackArchive({ file, to }, watcher)
    for (const [name, bytes] of Object.entries(contents)) {
      expect([name, (await readFile(join(to, name))).equals(bytes)]).toEqual([name, true])
      expect((await stat(join(to, name))).mode & 0o777).toBe(0o600)
    }
    for (const name of ['', 'base', 'base/5', 'pg_wal']) {
      expect([name, (await stat(join(to, name))).mode & 0o777]).toEqual([name, 0o700])
    }
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it('replaces no file unless that is wanted', async () => {
    await expect(packArchive({ from, file, mayReplace: false, manifest }, watcher)).rejects.toMatchObject({
      code: 'already-exists',
    })
    await packArchive({ from, file, mayReplace: true, manifest }, watcher)
    expect((await readArchiveManifest(file)).name).toBe('shop')
  })

  it('leaves nothing when it is cancelled', async () => {
    const target = join(pathFor('cancelled'), 'x.wardian')
    await mkdir(pathFor('cancelled'))
    const controller = new AbortController()
    const cancelling = { signal: controller.signal, onProgress: () => controller.abort() }
    await expect(
      packArchive({ from, file: target, mayReplace: false, manifest }, cancelling),
    ).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect(await readdir(pathFor('cancelled'))).toEqual([])
    const to = newPath()
    const other = new AbortController()
    const cancellingToo = { signal: other.signal, onProgress: () => other.abort() }
    await expect(unpackArchive({ file, to }, cancellingToo)).rejects.toMatchObject({ code: 'cancelled' })
    await expect(stat(to)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('is refused or whole wherever it is cut, and whichever byte is changed', async () => {
    const whole = await readFile(file)
    const at = fc.integer({ min: 1, max: whole.length - 1 })
    await fc.assert(
      fc.asyncProperty(at, fc.boolean(), async (place, isCut) => {
        const damaged = isCut ? whole.subarray(0, place) : Buffer.from(whole)
        if (!isCut) damaged.writeUInt8((damaged.readUInt8(place) + 1) % 256, place)
        const [path, to] = [newPath(), newPath()]
        await writeFile(path, damaged)
        expect(['refused', 'whole']).toContain(await outcomeOf(path, to))
      }),
      { numRuns },
    )
  })

  it.each([
    ['leads out of its directory', [head(1, 1), { name: 'data/../../evil', text: 'x' }]],
    ['is absolute', [head(1, 1), { name: '/etc/evil', text: 'x' }]],
    ['lies elsewhere', [head(1, 1), { name: 'other/evil', text: 'x' }]],
    ['is hidden', [head(1, 1), { name: 'data/.bashrc', text: 'x' }]],
    ['is a link', [head(1, 1), { name: 'data/link', type: 'symlink' }]],
    ['is a hard link', [head(1, 1), { name: 'data/link', type: 'link' }]],
    ['is a device', [head(1, 1), { name: 'data/null', type: 'character-device' }]],
    ['holds more than was said', [head(2, 4), { name: 'data/a', text: 'x'.repeat(5) }]],
    ['comes twice', [head(2, 2), { name: 'data/a', text: 'x' }, { name: 'data/a', text: 'y' }]],
    ['is one more than was said', [head(1, 2), { name: 'data/a', text: 'x' }, { name: 'data/b', text: 'y' }]],
    ['has no checksum', [head(1, 1), { name: 'data/a', text: 'x' }, { name: 'checksums.json', text: '[]' }]],
    ['stands before the manifest', [{ name: 'data/a', text: 'x' }, head(1, 1)]],
  ])('is refused when an entry %s', async (_, entries) => {
    const to = newPath()
    const path = await forge(entries)
    await expect(unpackArchive({ file: path, to }, watcher)).rejects.toMatchObject({
      code: expect.stringMatching(/^(corrupt|storage-failed)$/),
    })
    await expect(stat(to)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('is refused before anything is written when it does not fit on the disk', async () => {
    const to = newPath()
    const path = await forge([head(1, 2 ** 52)])
    await expect(unpackArchive({ file: path, to }, watcher)).rejects.toMatchObject({ code: 'disk-full' })
  })

  it('of a later version is refused with what to do', async () => {
    const path = await forge([{ name: 'manifest.json', text: '{"format": 2}' }])
    await expect(readArchiveManifest(path)).rejects.toThrow('update this one')
  })

  it('is told from other files', async () => {
    const path = newPath()
    await writeFile(path, 'create table t()')
    await expect(readArchiveManifest(path)).rejects.toThrow('not a database that Wardian has exported')
    await expect(readArchiveManifest(newPath())).rejects.toMatchObject({ code: 'not-found' })
    await expect(readArchiveManifest(from)).rejects.toMatchObject({ code: 'invalid-argument' })
  })
})
