/** Which directories PGlite is let loose on, and what is said about the others. Real files, no Postgres. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TemplateSource } from './engine-message.ts'
import { fileSystemError } from './check-directory.ts'
import { prepareDirectory } from './prepare-directory.ts'
import { writeImage } from './write-image.ts'

/** Everything in a directory, at any depth. */
function namesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).toSorted()
}

describe('preparing a directory', () => {
  let home: string
  let directory: string
  let template: TemplateSource

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'wardian-prepare-'))
    directory = join(home, 'instance', 'data')
    fill(join(home, 'made'))
    const imageFile = join(home, 'image')
    template = { imageFile, contents: writeImage(join(home, 'made'), imageFile) }
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  /** The least that looks like a data directory. */
  function fill(target: string): void {
    mkdirSync(join(target, 'global'), { recursive: true })
    mkdirSync(join(target, 'base'))
    writeFileSync(join(target, 'PG_VERSION'), '18\n')
    writeFileSync(join(target, 'global', 'pg_control'), new Uint8Array(8192))
  }

  function prepare(isDurable = true): Promise<void> {
    return prepareDirectory({ directory, isDurable, template })
  }

  test('fills a missing or empty directory from the template, for its owner only', async () => {
    await prepare()
    expect(namesIn(directory)).toEqual(['PG_VERSION', 'base', 'global', 'global/pg_control'])
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    rmSync(directory, { recursive: true })
    mkdirSync(directory)
    await prepare(false)
    expect(readdirSync(directory)).toContain('PG_VERSION')
    expect(readdirSync(join(home, 'instance'))).toEqual(['data'])
  })

  test('removes what an interrupted creation left, and nothing else', async () => {
    mkdirSync(join(home, 'instance', 'data.creating-abc'), { recursive: true })
    mkdirSync(join(home, 'instance', 'other'))
    await prepare()
    expect(readdirSync(join(home, 'instance')).toSorted()).toEqual(['data', 'other'])
  })

  test('leaves a data directory of this version as it is', async () => {
    fill(directory)
    writeFileSync(join(directory, 'mine'), 'x')
    await prepare()
    expect(readdirSync(directory)).toContain('mine')
  })

  test.each([
    ['files that are no data', () => writeFileSync(join(directory, 'letter.txt'), 'x'), 'unsupported'],
    [
      'another major version',
      () => (fill(directory), writeFileSync(join(directory, 'PG_VERSION'), '17\n')),
      'unsupported',
    ],
    [
      'an unreadable version',
      () => (fill(directory), writeFileSync(join(directory, 'PG_VERSION'), '')),
      'unsupported',
    ],
    ['no version', () => (fill(directory), rmSync(join(directory, 'PG_VERSION'))), 'corrupt'],
    ['no control file', () => (fill(directory), rmSync(join(directory, 'global', 'pg_control'))), 'corrupt'],
    [
      'a truncated control file',
      () => (fill(directory), writeFileSync(join(directory, 'global', 'pg_control'), 'x')),
      'corrupt',
    ],
  ])('refuses a directory with %s, and leaves it as it is', async (_, arrange, code) => {
    mkdirSync(directory, { recursive: true })
    if (code === 'unsupported' && readdirSync(directory).length > 0) rmSync(directory, { recursive: true })
    arrange()
    const before = namesIn(directory)
    await expect(prepare()).rejects.toMatchObject({ code })
    expect(namesIn(directory)).toEqual(before)
  })

  test.each([
    ['is too short', (image: string) => truncateSync(image, 100)],
    ['is missing', (image: string) => rmSync(image)],
  ])('refuses a template whose image %s, and leaves nothing behind', async (_, harm) => {
    harm(template.imageFile)
    await expect(prepare(false)).rejects.toMatchObject({ code: 'corrupt' })
    expect(readdirSync(join(home, 'instance'))).toEqual([])
  })

  test('leaves nothing behind when writing fails in the middle', async () => {
    const [first] = template.contents.files
    const files = first ? [first, { ...first, byteCount: 0 }] : []
    const image = new Uint8Array(first?.byteCount ?? 0)
    writeFileSync(template.imageFile, image)
    template = { ...template, contents: { ...template.contents, files, crc32: crc32(image) } }
    await expect(prepare()).rejects.toMatchObject({ code: 'invalid-argument' })
    expect(readdirSync(join(home, 'instance'))).toEqual([])
  })

  test('copies every byte', async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index)
    writeFileSync(join(home, 'made', 'base', 'table'), bytes)
    template = { ...template, contents: writeImage(join(home, 'made'), template.imageFile) }
    await prepare()
    expect(new Uint8Array(readFileSync(join(directory, 'base', 'table')))).toEqual(bytes)
  })

  test('refuses a file in the place of the directory', async () => {
    mkdirSync(join(home, 'instance'))
    writeFileSync(directory, 'x')
    await expect(prepare()).rejects.toMatchObject({ code: 'invalid-argument' })
  })

  test('follows a link to a directory', async () => {
    fill(join(home, 'elsewhere'))
    mkdirSync(join(home, 'instance'))
    symlinkSync(join(home, 'elsewhere'), directory)
    await expect(prepare()).resolves.toBeUndefined()
  })

  test('words the errors of the operating system', () => {
    const error = (code: string): unknown =>
      fileSystemError(Object.assign(new Error(code), { code }), '/data')
    expect(error('ENOSPC')).toMatchObject({ code: 'disk-full' })
    expect(error('EROFS')).toMatchObject({ code: 'permission-denied' })
    expect(error('EACCES')).toMatchObject({ code: 'permission-denied' })
    expect(error('EMFILE')).toMatchObject({ code: 'EMFILE' })
    // Emscripten's files throw numbers, in objects that are no Error.
    expect(fileSystemError({ name: 'ErrnoError', errno: 51 }, '/data')).toMatchObject({ code: 'disk-full' })
  })

  test('does not repeat bytes that are no version', async () => {
    fill(directory)
    writeFileSync(join(directory, 'PG_VERSION'), '\u001b[31m17')
    await expect(prepare()).rejects.toThrow('was written by Postgres of an unknown version')
  })
})
