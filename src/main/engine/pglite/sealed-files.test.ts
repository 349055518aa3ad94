/**
 * When a copy counts as shut down in order, and when it has to recover instead: a control file and a page of the log
 * that only look like a database's, each then wrong in one place. That Postgres starts from it is shown elsewhere.
 */

import { describe, expect, it } from 'vitest'
import { crc32c } from './databases/relation-map.ts'
import { sealFiles, segmentBytes, type SealSource } from './sealed-files.ts'

const pageBytes = 8192
/** Where the checkpoint's record lies: the second page of segment 3, behind others. */
const checkpoint = BigInt(3 * segmentBytes + pageBytes + 1_000)
/** 24 bytes of head, 2 of the data's, 88 of data, rounded up to 8. */
const behind = checkpoint + 120n
const crcAt = 288

function position(at: bigint): string {
  return `${(at >> 32n).toString(16)}/${(at & 0xffffffffn).toString(16)}`.toUpperCase()
}

interface Made {
  control: Buffer
  position: string
  /** The page with the record, and the first of its segment. */
  page: Buffer
  first: Buffer
}

function make(): Made {
  const copy = Buffer.alloc(88)
  copy.writeBigUInt64LE(checkpoint - 64n, 0)
  copy.writeUInt32LE(1, 8)
  copy.writeUInt32LE(777, 24)
  const control = Buffer.alloc(pageBytes)
  control.writeUInt32LE(6, 16)
  control.writeBigUInt64LE(checkpoint, 32)
  copy.copy(control, 40)
  sign(control)
  const page = Buffer.alloc(pageBytes)
  const at = Number(checkpoint % BigInt(pageBytes))
  page.writeUInt32LE(114, at)
  page[at + 16] = 0x10
  page[at + 24] = 255
  page[at + 25] = 88
  copy.copy(page, at + 26)
  const first = Buffer.alloc(pageBytes)
  first.writeUInt16LE(0xd118, 0)
  first.writeUInt16LE(2, 2)
  return { control, position: position(behind), page, first }
}

function sign(control: Buffer): void {
  control.writeUInt32LE(crc32c(control.subarray(0, crcAt)), crcAt)
}

function sourceOf({ control, position: end, page, first }: Made): SealSource {
  const readWalPage = (at: bigint): Buffer | null => {
    if (at === checkpoint) return page
    return at === BigInt(3 * segmentBytes) ? first : null
  }
  return { control, position: end, readWalPage }
}

const recordAt = Number(checkpoint % BigInt(pageBytes))

describe('a copy right behind a checkpoint', () => {
  it('counts as shut down: its control file names a record in a segment of its own', () => {
    const made = make()
    const sealed = sealFiles(sourceOf(made))
    expect(sealed?.walName).toBe('pg_wal/000000010000000000000004')
    const control = sealed?.control ?? Buffer.alloc(0)
    const location = BigInt(4 * segmentBytes + 40)
    expect([control.readUInt32LE(16), control.readBigUInt64LE(32), control.readBigUInt64LE(40)]).toEqual([
      ...[1, location, location],
    ])
    expect(control.readUInt32LE(crcAt)).toBe(crc32c(control.subarray(0, crcAt)))
    expect(control.readUInt32LE(64)).toBe(777)
    const record = sealed?.walPage.subarray(40, 154) ?? Buffer.alloc(0)
    expect([
      record.readUInt32LE(0),
      record[16],
      record.subarray(26).equals(control.subarray(40, 128)),
    ]).toEqual([114, 0, true])
    const checked = Buffer.concat([record.subarray(24), record.subarray(0, 20)])
    expect(record.readUInt32LE(20)).toBe(crc32c(checked))
  })

  it('leaves what it was made from as it is', () => {
    const made = make()
    const before = Buffer.from(made.control)
    sealFiles(sourceOf(made))
    expect(made.control.equals(before)).toBe(true)
  })

  it.each<[string, (made: Made) => void]>([
    ['something was logged behind the checkpoint', (made) => (made.position = position(behind + 8n))],
    ['the log ends before it', (made) => (made.position = position(checkpoint))],
    ['the control file is damaged', ({ control }) => void control.writeUInt8(1, 200)],
    [
      'it was shut down already',
      ({ control }) => {
        control.writeUInt32LE(1, 16)
        sign(control)
      },
    ],
    [
      'the control file says something else than the record',
      ({ control }) => {
        control.writeUInt32LE(778, 64)
        sign(control)
      },
    ],
    ['the record is of another kind', ({ page }) => void page.writeUInt8(0x30, recordAt + 16)],
    ['the record is of another resource manager', ({ page }) => void page.writeUInt8(1, recordAt + 17)],
    ['the record has another length', ({ page }) => void page.writeUInt32LE(122, recordAt)],
    ['the record’s data begin otherwise', ({ page }) => void page.writeUInt8(254, recordAt + 24)],
    ['the segment has no head', ({ first }) => void first.writeUInt16LE(0, 2)],
  ])('recovers where %s', (_what, change) => {
    const made = make()
    change(made)
    expect(sealFiles(sourceOf(made))).toBeNull()
  })

  it('recovers where the log is not there, or the record goes on behind its page', () => {
    const made = make()
    expect(sealFiles({ ...sourceOf(made), readWalPage: () => null })).toBeNull()
    const atEnd = BigInt(3 * segmentBytes + 2 * pageBytes - 64)
    made.control.writeBigUInt64LE(atEnd, 32)
    sign(made.control)
    const page = Buffer.alloc(pageBytes)
    expect(sealFiles({ ...sourceOf(made), readWalPage: () => page })).toBeNull()
  })
})
