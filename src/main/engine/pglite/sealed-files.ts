/**
 * Makes the two files by which a copy of a data directory counts as one that was shut down in order: right behind a
 * checkpoint, with nothing running, the other files are as a shutdown leaves them. As pg_resetwal does it
 * (RewriteControlFile and WriteEmptyXLOG in bin/pg_resetwal/pg_resetwal.c): a segment of the log with one record, and a
 * control file that names it. What starts from it recovers nothing. Reads and writes no file.
 */

import { crc32c } from './databases/relation-map.ts'

export interface SealedFiles {
  readonly control: Buffer
  /** `pg_wal/…`, `segmentBytes` long: this page, and zeros. */
  readonly walName: string
  readonly walPage: Buffer
}

/** What is read of the directory; bytes of the log come from the segment that has them. */
export interface SealSource {
  readonly control: Buffer
  /** As pg_current_wal_insert_lsn() says it: the end of the log. */
  readonly position: string
  /** The page of the log that holds this position; null where there is none. */
  readWalPage(position: bigint): Buffer | null
}

/** PGlite is initialised with the default of initdb. */
export const segmentBytes = 16 << 20
const pageBytes = 8192
/** ControlFileData (catalog/pg_control.h): state, checkPoint, checkPointCopy. */
const [stateAt, checkpointAt, copyAt] = [16, 32, 40]
const [shutDown, inProduction] = [1, 6]
/** CheckPoint of Postgres 18 has 88 bytes; redo comes first, the timeline next, oldestActiveXid last. */
const [copyBytes, timelineAt, oldestActiveAt] = [88, 8, 80]
/** XLogLongPageHeaderData and XLogPageHeaderData (access/xlog_internal.h). */
const [longHeadBytes, longHeadFlag] = [40, 2]
/** XLogRecord (access/xlogrecord.h), and the head of its data: XLR_BLOCK_ID_DATA_SHORT and a length. */
const [recordHeadBytes, recordCrcAt, shortData] = [24, 20, 255]
/** XLOG_CHECKPOINT_ONLINE (catalog/pg_control.h); a shutdown has 0. */
const onlineCheckpoint = 0x10
/** Where the control file's checksum may be: behind its last field. */
const [crcAtMin, crcAtMax] = [240, 512]

/** null where anything is not as it is known to be: then a copy starts by recovering. */
export function sealFiles({ control, position, readWalPage }: SealSource): SealedFiles | null {
  const crcAt = findCrc(control)
  if (crcAt === null || control.readUInt32LE(stateAt) !== inProduction) return null
  const checkpoint = control.readBigUInt64LE(checkpointAt)
  const copy = Buffer.from(control.subarray(copyAt, copyAt + copyBytes))
  if (!isLastRecord({ checkpoint, copy, page: readWalPage(checkpoint), end: readPosition(position) }))
    return null
  const first = readWalPage(checkpoint - (checkpoint % BigInt(segmentBytes)))
  if (!first || (first.readUInt16LE(2) & longHeadFlag) === 0) return null
  const segment = checkpoint / BigInt(segmentBytes) + 1n
  const start = segment * BigInt(segmentBytes)
  const location = start + BigInt(longHeadBytes)
  copy.writeBigUInt64LE(location, 0)
  copy.writeUInt32LE(0, oldestActiveAt)
  const sealed = Buffer.from(control)
  sealed.writeUInt32LE(shutDown, stateAt)
  sealed.writeBigUInt64LE(location, checkpointAt)
  copy.copy(sealed, copyAt)
  sealed.writeUInt32LE(crc32c(sealed.subarray(0, crcAt)), crcAt)
  return {
    control: sealed,
    walName: `pg_wal/${segmentName(copy.readUInt32LE(timelineAt), segment)}`,
    walPage: pageWith(first, { start, copy }),
  }
}

/** The checkpoint's record is whole on its page, says what the control file says, and nothing was logged behind it. */
function isLastRecord(found: {
  readonly checkpoint: bigint
  readonly copy: Buffer
  readonly page: Buffer | null
  readonly end: bigint
}): boolean {
  const { checkpoint, copy, page, end } = found
  const at = Number(checkpoint % BigInt(pageBytes))
  const byteCount = recordHeadBytes + 2 + copyBytes
  if (!page || at + byteCount > pageBytes) return false
  const record = page.subarray(at, at + byteCount)
  const isCheckpoint =
    record.readUInt32LE(0) === byteCount && record[16] === onlineCheckpoint && record[17] === 0
  const data = record.subarray(recordHeadBytes + 2)
  const isCopy =
    record[recordHeadBytes] === shortData && record[recordHeadBytes + 1] === copyBytes && data.equals(copy)
  // Records begin at multiples of 8 (MAXALIGN).
  const behind = checkpoint + BigInt(Math.ceil(byteCount / 8) * 8)
  return isCheckpoint && isCopy && behind === end
}

/** One page with one record: a checkpoint at shutdown. */
function pageWith(first: Buffer, { start, copy }: { readonly start: bigint; readonly copy: Buffer }): Buffer {
  const page = Buffer.alloc(pageBytes)
  first.copy(page, 0, 0, longHeadBytes)
  page.writeUInt16LE(longHeadFlag, 2)
  page.writeBigUInt64LE(start, 8)
  page.writeUInt32LE(0, 16)
  const record = page.subarray(longHeadBytes, longHeadBytes + recordHeadBytes + 2 + copyBytes)
  record.writeUInt32LE(record.length, 0)
  record[recordHeadBytes] = shortData
  record[recordHeadBytes + 1] = copyBytes
  copy.copy(record, recordHeadBytes + 2)
  const checked = Buffer.concat([record.subarray(recordHeadBytes), record.subarray(0, recordCrcAt)])
  record.writeUInt32LE(crc32c(checked), recordCrcAt)
  return page
}

function findCrc(control: Buffer): number | null {
  for (let at = crcAtMin; at <= crcAtMax; at += 4) {
    if (control.readUInt32LE(at) === crc32c(control.subarray(0, at))) return at
  }
  return null
}

/** `0/1A2B3C8`. */
function readPosition(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

/** XLogFileName (access/xlog_internal.h). */
export function segmentName(timeline: number, segment: bigint): string {
  const perLog = (1n << 32n) / BigInt(segmentBytes)
  return [BigInt(timeline), segment / perLog, segment % perLog]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('')
}
