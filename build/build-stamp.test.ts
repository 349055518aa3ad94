/** Every way in which output can stop belonging to its inputs, on real files in a folder of its own. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashInputs, removeStamp, staleReason, writeStamp } from './build-stamp.ts'

const subject = { name: 'sample', inputs: ['src/**/*.ts'], outputs: ['out/sample/**/*.js'] }

describe('a stamp', () => {
  let root: string

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'wardian-stamp-'))
    write('src/a.ts', 'a')
    write('src/deep/b.ts', 'b')
    write('out/sample/a.js', 'a')
    expect(staleReason(subject, root)).toBe('not built yet')
    writeStamp(subject, hashInputs(root, subject.inputs), root)
    expect(staleReason(subject, root)).toBeUndefined()
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it('holds when only the time of a file changes', () => {
    utimesSync(join(root, 'src/a.ts'), 1, 1)
    expect(staleReason(subject, root)).toBeUndefined()
  })

  it('holds when a test changes', () => {
    write('src/a.test.ts', 'new')
    expect(staleReason(subject, root)).toBeUndefined()
  })

  it.each([
    ['changes', () => write('src/deep/b.ts', 'c')],
    ['appears', () => write('src/deep/c.ts', '')],
    ['goes', () => rmSync(join(root, 'src/a.ts'))],
    ['takes the content of another', () => (write('src/a.ts', ''), write('src/deep/b.ts', 'ab'))],
  ])('ends when an input %s', (_what, change) => {
    change()
    expect(staleReason(subject, root)).toBe('sources changed')
  })

  it('ends when an output goes', () => {
    rmSync(join(root, 'out/sample/a.js'))
    expect(staleReason(subject, root)).toBe('out/sample/a.js is missing')
  })

  it('ends when it is removed, as before each build', () => {
    removeStamp(subject, root)
    expect(staleReason(subject, root)).toBe('not built yet')
  })
})
