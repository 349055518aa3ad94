/** That an image gives back what was packed into it, and is as small as it can be. Real files, no Postgres. */

import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isWholeImage, parseContents, readImage, separateFiles } from './template-image.ts'
import { writeImage } from './write-image.ts'
import type { TemplateSource } from './engine-message.ts'

const zeros = new Uint8Array(1 << 20)
const pattern = Uint8Array.from({ length: 10_000 }, (_, index) => index % 251)
const packed: Readonly<Record<string, Uint8Array>> = {
  'base/1/file': pattern,
  'base/2/same': pattern,
  'base/2/shorter': pattern.subarray(0, 5000),
  empty: new Uint8Array(0),
  'long-zeros': Uint8Array.from([...pattern, ...zeros]),
  'short-zeros': Uint8Array.from([1, 0, 0, 0]),
  'only-zeros': zeros,
}

let home: string
let source: TemplateSource

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'wardian-image-'))
  const made = join(home, 'made')
  mkdirSync(join(made, 'base', '1'), { recursive: true })
  mkdirSync(join(made, 'base', '2'))
  for (const [name, bytes] of Object.entries(packed)) writeFileSync(join(made, name), bytes)
  const imageFile = join(home, 'image')
  source = { imageFile, contents: writeImage(made, imageFile) }
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

test('every file is given back as it was, and what is there twice or zero is not stored', async () => {
  const files = await readImage(source)
  expect(Object.fromEntries(files.map(({ name, bytes }) => [name, new Uint8Array(bytes)]))).toEqual(packed)
  expect(source.contents.directories).toEqual(['base', 'base/1', 'base/2'])
  expect(statSync(source.imageFile).size).toBe(10_000 + 5000 + 4)
  expect(isWholeImage(source)).toBe(true)
  expect(parseContents(JSON.stringify(source.contents))).toEqual(source.contents)
})

test('files that are written to are separated from those they shared bytes with', async () => {
  const files = separateFiles(await readImage(source))
  const [first, ...others] = files.filter(({ bytes }) => bytes.length === pattern.length)
  first?.bytes.fill(0xee)
  expect(others.map(({ bytes }) => new Uint8Array(bytes))).toEqual([pattern])
})
