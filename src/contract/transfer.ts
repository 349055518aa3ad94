/**
 * What moves a database as a whole: where from and where to, what of it, and what is told on the way and at the
 * end. No behaviour.
 */

import { instanceNameLengthMax } from './limits.ts'
import { array, boolean, integer, nullable, object, oneOf, string, union, type Infer } from './schema.ts'

/** Patterns of names, as pg_dump takes them; more are easier said by what is left out. */
const patternsMax = 200
const patterns = array(string(512, 1), patternsMax)

/** A database: one of this host's instances, or one on any Postgres server. */
export const databasePlaceSchema = union({
  instance: object({ instanceId: string(64, 1) }),
  /** `postgres://user:password@host:port/database?sslmode=…` */
  url: object({ url: string(8_192, 1) }),
})
export type DatabasePlace = Infer<typeof databasePlaceSchema>

/** Where to: besides, an instance that is made for it, and removed when it fails. */
export const restoreTargetSchema = union({
  instance: object({ instanceId: string(64, 1) }),
  newInstance: object({ name: string(instanceNameLengthMax, 1) }),
  url: object({ url: string(8_192, 1) }),
})
export type RestoreTarget = Infer<typeof restoreTargetSchema>

/** What of a database; the names of the fields follow pg_dump's options. */
export const transferScopeSchema = object({
  content: oneOf('all', 'schema', 'data'),
  /** Whoever restores it owns everything. */
  noOwner: boolean,
  noPrivileges: boolean,
  schemas: patterns,
  tables: patterns,
  excludedTables: patterns,
})
export type TransferScope = Infer<typeof transferScopeSchema>

/** The whole database. */
export const wholeDatabase: TransferScope = {
  ...{ content: 'all', noOwner: false, noPrivileges: false },
  ...{ schemas: [], tables: [], excludedTables: [] },
}

export const dumpOptionsSchema = object({
  /** `sql` is text that psql reads; the other two are archives for pg_restore. */
  format: oneOf('sql', 'custom', 'tar'),
  scope: transferScopeSchema,
  /** INSERT commands instead of COPY: slower, and understood by other databases. */
  inserts: boolean,
  /** DROP commands in front. */
  clean: boolean,
})
export type DumpOptions = Infer<typeof dumpOptionsSchema>

/** How far it is. */
export const transferProgressSchema = object({
  phase: oneOf('checking', 'copying-files', 'schema', 'data', 'finishing', 'verifying', 'committing'),
  /** Whose rows move, qualified as in SQL. */
  table: nullable(string(1_024)),
  /** Of the dump, so far. */
  bytes: integer(0),
  /** Of what is read, where that is known. */
  bytesTotal: nullable(integer(0)),
})
export type TransferProgress = Infer<typeof transferProgressSchema>

/** What pg_dump or the database says about it. */
const notice = object({ text: string(65_536) })

/** `data`: the next piece of the dump, in the chunk's one buffer. */
export const dumpEventSchema = union({ progress: transferProgressSchema, notice, data: object({}) })
export type DumpEvent = Infer<typeof dumpEventSchema>

export const transferEventSchema = union({ progress: transferProgressSchema, notice })
export type TransferEvent = Infer<typeof transferEventSchema>

export const dumpReportSchema = object({ bytes: integer(0), durationMs: integer(0) })
export type DumpReport = Infer<typeof dumpReportSchema>

export const restoreReportSchema = object({
  /** What it was restored into. */
  targetName: string(1_024),
  statements: integer(0),
  rows: integer(0),
  bytes: integer(0),
  durationMs: integer(0),
})
export type RestoreReport = Infer<typeof restoreReportSchema>

/** What was compared on both sides, and found to be the same. */
export const copyReportSchema = object({
  targetName: string(1_024),
  tables: integer(0),
  rows: integer(0),
  sequences: integer(0),
  largeObjects: integer(0),
  /** Of the dump that went across. */
  bytes: integer(0),
  durationMs: integer(0),
})
export type CopyReport = Infer<typeof copyReportSchema>

export const migrationSchema = object({
  /** What wrote the directory, such as `17`. */
  fromVersion: string(64),
  toVersion: string(64),
})
export type Migration = Infer<typeof migrationSchema>
