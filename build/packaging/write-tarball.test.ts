/**
 * Goal: what is packed comes out as it was, the same on every machine at every time. Method: real files, unpacked by
 * another program than ours.
 */
import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { copiedFile, inFolder, linkTo, sortedFiles, textFile, writeTree } from './shipped-file.ts'
import type { ShippedFile } from './shipped-file.ts'
import { writeTarball } from './write-tarball.ts'

const epochSeconds = 1_700_000_000
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wardian-tarball-'))
  writeFileSync(join(folder, 'source'), 'from a file', { mode: 0o600 })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function files(): ShippedFile[] {
  return [
    { ...textFile('bin/run', '#!/bin/sh\n'), isExecutable: true },
    copiedFile('a/deep/folder/copy', join(folder, 'source')),
    { path: 'a/bytes', source: { kind: 'bytes', bytes: Uint8Array.of(0, 255) } },
    linkTo('link', 'bin/run'),
    textFile(`${'long/'.repeat(30)}name`, 'beyond a hundred characters'),
  ]
}

describe('writeTarball', () => {
  it('is unpacked to what was packed, with the modes and the time that were wanted', async () => {
    const path = join(folder, 'a.tar.gz')
    await writeTarball(path, { files: inFolder('top', files()), epochSeconds, level: 9 })
    execFileSync('tar', ['-xzf', path, '-C', folder])
    const top = join(folder, 'top')
    expect(readFileSync(join(top, 'a/deep/folder/copy'), 'utf8')).toBe('from a file')
    expect([...readFileSync(join(top, 'a/bytes'))]).toEqual([0, 255])
    expect(readlinkSync(join(top, 'link'))).toBe('bin/run')
    expect(readFileSync(join(top, `${'long/'.repeat(30)}name`), 'utf8')).toContain('beyond')
    const { mode, mtimeMs } = lstatSync(join(top, 'bin/run'))
    expect([mode & 0o111, mtimeMs / 1000]).toEqual([0o111, epochSeconds])
    expect(lstatSync(join(top, 'a/deep/folder/copy')).mode & 0o133).toBe(0)
  })

  it('has the same bytes whatever order and times the files have', async () => {
    const [first, second] = [join(folder, '1'), join(folder, '2')]
    await writeTarball(first, { files: files(), epochSeconds, level: 6 })
    utimesSync(join(folder, 'source'), 1, 1)
    await writeTarball(second, { files: files().toReversed(), epochSeconds, level: 6 })
    expect(readFileSync(second)).toEqual(readFileSync(first))
  })
})

describe('writeTree', () => {
  it('writes them with the modes and the time that were wanted, folders included', () => {
    const root = join(folder, 'tree')
    mkdirSync(root, { mode: 0o700 })
    writeTree(root, files(), epochSeconds)
    expect(readFileSync(join(root, 'a/deep/folder/copy'), 'utf8')).toBe('from a file')
    const facts = ['.', 'a/deep', 'bin/run', 'a/bytes', 'link'].map((path) => {
      const { mode, mtimeMs } = lstatSync(join(root, path))
      return [mode & 0o777, mtimeMs / 1000]
    })
    expect(facts).toEqual([
      ...[
        [0o755, epochSeconds],
        [0o755, epochSeconds],
        [0o755, epochSeconds],
      ],
      ...[
        [0o644, epochSeconds],
        [0o777, epochSeconds],
      ],
    ])
  })
})

describe('sortedFiles', () => {
  it('refuses two files of the same path', () => {
    expect(() => sortedFiles([textFile('a', ''), textFile('b', ''), textFile('a', '')])).toThrow(
      'a is shipped twice',
    )
  })
})
