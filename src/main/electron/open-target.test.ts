/** What the app opens, told by real files: by their kind, with what is wrong with them, and nothing else. */

import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sqlFileLengthMax } from '../../contract/shell-request.ts'
import { targetsOf } from './open-target.ts'
import { requestOf } from './read-target.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardian-open-'))
  await writeFile(join(folder, 'orders.sql'), '\ufeffselect 1 -- é')
  await writeFile(join(folder, 'shop.wardian'), 'archive')
  await writeFile(join(folder, 'notes.txt'), 'text')
  await writeFile(join(folder, 'picture.sql'), new Uint8Array([1, 0, 2]))
  await writeFile(join(folder, 'latin.sql'), new Uint8Array([0xe9, 0x0a]))
  await writeFile(join(folder, 'large.sql'), '')
  await truncate(join(folder, 'large.sql'), sqlFileLengthMax + 1)
  for (const [directory, file] of [
    ['pgdata', 'PG_VERSION'],
    ['instance', 'instance.json'],
    ['other', 'readme'],
  ] as const) {
    await mkdir(join(folder, directory))
    await writeFile(join(folder, directory, file), '18')
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the command line', () => {
  it('opens files and data directories, relative to where it was given', () => {
    expect(targetsOf(['orders.sql', 'shop.wardian', 'pgdata', join(folder, 'instance')], folder)).toEqual([
      { kind: 'sql-file', file: join(folder, 'orders.sql') },
      { kind: 'archive', file: join(folder, 'shop.wardian') },
      { kind: 'directory', directory: join(folder, 'pgdata') },
      { kind: 'directory', directory: join(folder, 'instance') },
    ])
  })

  it('passes over options and what is none of its kinds', () => {
    expect(targetsOf(['--no-sandbox', '-r', 'notes.txt', '.', 'other', 'nothing', ''], folder)).toEqual([])
  })

  it('says that a file is missing, and that a link means nothing', () => {
    expect(targetsOf(['gone.sql', 'wardian://run/x'], folder)).toEqual([
      { kind: 'problem', message: expect.stringContaining('There is no file gone.sql') },
      { kind: 'problem', message: expect.stringContaining('link') },
    ])
  })

  it('never throws, whatever is given', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (args) => {
        for (const target of targetsOf(args, folder)) expect(target.kind).not.toBe('command')
      }),
    )
  })
})

describe('a file of SQL', () => {
  const read = (file: string): ReturnType<typeof requestOf> =>
    requestOf({ kind: 'sql-file', file: join(folder, file) })

  it('becomes a text under its name, without its byte order mark', async () => {
    expect(await read('orders.sql')).toEqual({ kind: 'sql', name: 'orders.sql', text: 'select 1 -- é' })
  })

  it.each([
    ['picture.sql', /not a text/],
    ['latin.sql', /not UTF-8/],
    ['large.sql', /larger than 32 MB/],
    ['gone.sql', /ENOENT/],
    ['other', /EISDIR/],
  ])('is not opened when it is %s, which says %s', async (file, why) => {
    expect(await read(file)).toEqual({ kind: 'problem', message: expect.stringMatching(why) })
  })
})
