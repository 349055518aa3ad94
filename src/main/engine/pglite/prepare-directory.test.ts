/** Which directories PGlite is let loose on, and what is said about the others. Real files, no Postgres. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { measureTree } from './file-tree.ts'
import { fileSystemError, prepareDirectory } from './prepare-directory.ts'

/** Everything in a directory, at any depth. */
function namesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).toSorted()
}

describe('preparing a directory', () => {
  let home: string
  let directory: string
  let template: string

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'wardian-prepare-'))
    directory = join(home, 'instance', 'data')
    template = join(home, 'template')
    fill(template)
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  /** The least that looks like a data directory. */
  function fill(target: string): void {
    mkdirSync(join(target, 'global'), { recursive: true })
    mkdirSync(join(target, 'base'))
    writeFileSync(join(target, 'PG_VERSION'), '18\n')
    writeFileSync(join(target, 'global', 'pg_control'), new Uint8Array(8192))
  }

  function prepare(isDurable = true): void {
    prepareDirectory({ directory, isDurable, template: { directory: template, ...measureTree(template) } })
  }

  test('fills a missing or empty directory from the template, for its owner only', () => {
    prepare()
    expect(namesIn(directory)).toEqual(['PG_VERSION', 'base', 'global', 'global/pg_control'])
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    rmSync(directory, { recursive: true })
    mkdirSync(directory)
    prepare(false)
    expect(readdirSync(directory)).toContain('PG_VERSION')
    expect(readdirSync(join(home, 'instance'))).toEqual(['data'])
  })

  test('removes what an interrupted creation left, and nothing else', () => {
    mkdirSync(join(home, 'instance', 'data.creating-abc'), { recursive: true })
    mkdirSync(join(home, 'instance', 'other'))
    prepare()
    expect(readdirSync(join(home, 'instance')).toSorted()).toEqual(['data', 'other'])
  })

  test('leaves a data directory of this version as it is', () => {
    fill(directory)
    writeFileSync(join(directory, 'mine'), 'x')
    prepare()
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
  ])('refuses a directory with %s, and leaves it as it is', (_, arrange, code) => {
    mkdirSync(directory, { recursive: true })
    if (code === 'unsupported' && readdirSync(directory).length > 0) rmSync(directory, { recursive: true })
    arrange()
    const before = namesIn(directory)
    expect(() => prepare()).toThrow(expect.objectContaining({ code }))
    expect(namesIn(directory)).toEqual(before)
  })

  test('refuses a template that is incomplete, and leaves nothing behind', () => {
    const whole = measureTree(template)
    rmSync(join(template, 'PG_VERSION'))
    const options = { directory, isDurable: false, template: { directory: template, ...whole } }
    expect(() => prepareDirectory(options)).toThrow(expect.objectContaining({ code: 'corrupt' }))
    expect(readdirSync(join(home, 'instance'))).toEqual([])
  })

  test('refuses a file in the place of the directory', () => {
    mkdirSync(join(home, 'instance'))
    writeFileSync(directory, 'x')
    expect(() => prepare()).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
  })

  test('follows a link to a directory', () => {
    fill(join(home, 'elsewhere'))
    mkdirSync(join(home, 'instance'))
    symlinkSync(join(home, 'elsewhere'), directory)
    expect(() => prepare()).not.toThrow()
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

  test('does not repeat bytes that are no version', () => {
    fill(directory)
    writeFileSync(join(directory, 'PG_VERSION'), '\u001b[31m17')
    expect(() => prepare()).toThrow('was written by Postgres of an unknown version')
  })
})
