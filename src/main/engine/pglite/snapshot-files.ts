/**
 * Which files of a data directory a copy of it needs (PostgreSQL 18 documentation, section 66.1, and what pg_basebackup
 * leaves out: excludeFiles in backup/basebackup.c). Knows names and the control file; reads nothing.
 */

import { segmentBytes as walSegmentBytes, segmentName } from './sealed-files.ts'

/** Segments of the log that recovery from the last checkpoint reads, by name. */
export interface WalNeed {
  readonly first: string
  readonly last: string
  /** Bytes of the log: recovery begins at `redo`, and nothing is needed from `end` on. */
  readonly redo: bigint
  readonly end: bigint
  readonly timeline: number
}

const walName = /^pg_wal\/([0-9A-F]{24})$/
const segmentNameHalf = 8

/** Initial contents of tables that are not logged: a start after a crash would empty each table that has one. */
export function isInitFork(name: string): boolean {
  return /^(base|pg_tblspc)\/.*\/\d+_init(\.\d+)?$/.test(name)
}

/**
 * Leaves out what Postgres makes again by itself, what belongs to sessions of the original, and log that nobody reads
 * again.
 */
export function isNeeded(name: string, { first, last }: Pick<WalNeed, 'first' | 'last'>): boolean {
  const segment = walName.exec(name)?.[1]
  if (segment !== undefined) return segment >= first && segment <= last
  // Temporary tables of sessions (t3_16384) and files that statements spill into.
  if (/^(base|pg_tblspc)\/(.*\/)?(t\d+_\d+[^/]*|pgsql_tmp(\/.*)?)$/.test(name)) return false
  return !/(^|\/)(pg_internal\.init|postmaster\.(pid|opts)|pg_stat_tmp\/.*)$/.test(name)
}

/** What of a segment of the log is read again, in bytes from its beginning; null for other files. */
export function walRange(name: string, { redo, end }: WalNeed): { start: number; end: number } | null {
  const segment = walName.exec(name)?.[1]
  if (segment === undefined) return null
  const perLog = (1n << 32n) / segmentBytes
  const [log, part] = [segment.slice(segmentNameHalf, -segmentNameHalf), segment.slice(-segmentNameHalf)]
  const begin = (BigInt(`0x${log}`) * perLog + BigInt(`0x${part}`)) * segmentBytes
  return { start: Number(redo - begin), end: Number(end - begin) }
}

/** Whether Postgres has ended in order, so that nothing is to be recovered (DB_SHUTDOWNED in catalog/pg_control.h). */
export function isShutDown(control: Uint8Array): boolean {
  const state = new DataView(control.buffer, control.byteOffset, control.byteLength).getUint32(
    controlOffsets.state,
    true,
  )
  return state === 1
}

/** As the control file says (ControlFileData in catalog/pg_control.h, with 8-byte alignment). */
export function readWalNeed(control: Uint8Array): WalNeed {
  const view = new DataView(control.buffer, control.byteOffset, control.byteLength)
  const checkpoint = view.getBigUint64(controlOffsets.checkpoint, true)
  const redo = view.getBigUint64(controlOffsets.redo, true)
  const timeline = view.getUint32(controlOffsets.timeline, true)
  // The checkpoint's record may begin at the end of a segment and end in the next.
  return {
    first: segmentName(timeline, redo / segmentBytes),
    last: segmentName(timeline, (checkpoint + recordBytesMax) / segmentBytes),
    ...{ redo, end: checkpoint + recordBytesMax, timeline },
  }
}

/** system_identifier 8, versions 4 + 4, state 4 (8), time 8, then these. */
const controlOffsets = { state: 16, checkpoint: 32, redo: 40, timeline: 48 }
const segmentBytes = BigInt(walSegmentBytes)
/** A checkpoint's record, and what its session has logged until the files are copied, is far shorter. */
const recordBytesMax = 64n << 10n
