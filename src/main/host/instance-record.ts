/**
 * What is kept of an instance in its own directory, so that what lies on disk is what there is: copied, moved or
 * restored directories need no other file. Knows no engine.
 */

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkbenchError } from '../../contract/error.ts'
import { instanceOptionsSchema } from '../../contract/instance-options.ts'
import { instanceNameLengthMax } from '../../contract/limits.ts'
import { boolean, integer, nullable, object, oneOf, string, type Infer } from '../../contract/schema.ts'
import { readJson, writePrivateJson } from '../storage/private-files.ts'

/** A role belongs to the instance that it was made in. */
const ownerSchema = object({ instanceId: string(64, 1), role: string(256, 1) })
export type InstanceOwner = Infer<typeof ownerSchema>

/** Data that lies elsewhere, and where the lock of it is. */
const linkSchema = object({ dataDirectory: string(4096, 1), lockDirectory: string(4096, 1) })
export type InstanceLink = Infer<typeof linkSchema>

const recordSchema = object({
  id: string(64, 1),
  name: string(instanceNameLengthMax, 1),
  engine: oneOf('pglite'),
  createdAtMs: integer(0),
  /** Of the engine that opened it last; null before. */
  serverVersion: nullable(string(64)),
  engineVersion: nullable(string(64)),
  /** The sample database is still to be put in. */
  awaitsSample: boolean,
  /** Who has made it as a database by SQL, or was given it. */
  owner: nullable(ownerSchema),
  /** null, as records of earlier versions have it: the default ones. */
  options: nullable(instanceOptionsSchema),
  /** As of the last time that its engine was started or stopped in order. */
  sizeBytes: nullable(integer(0)),
  /** Its data folder is a link to this place. */
  link: nullable(linkSchema),
  /** Its files may not be on disk yet, and nobody has been told of it; null, as records of earlier versions: no. */
  isIncoming: nullable(boolean),
})
export type InstanceRecord = Infer<typeof recordSchema>

/** What the record of an instance has that was never opened and about which nobody has chosen anything. */
export const newRecordFields = {
  ...{ engine: 'pglite', serverVersion: null, engineVersion: null },
  ...{ awaitsSample: false, owner: null, options: null, link: null, sizeBytes: null },
  isIncoming: false,
} as const satisfies Partial<InstanceRecord>

const recordFile = 'instance.json'

/** An instance's directory: its record, its lock, and the engine's own files. */
export const engineFolder = 'data'

/** A record that could be read, or why it could not. */
export type FoundInstance =
  | { readonly directory: string; readonly record: InstanceRecord }
  | { readonly directory: string; readonly problem: string }

/** Everything in `instancesDirectory` that is an instance, or should be one. */
export async function findInstances(instancesDirectory: string): Promise<FoundInstance[]> {
  if (!existsSync(instancesDirectory)) return []
  const entries = await readdir(instancesDirectory, { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(folders.sort().map((folder) => readRecord(join(instancesDirectory, folder))))
}

/** The record in the directory of an instance, or why it cannot be read. */
export async function readRecord(directory: string): Promise<FoundInstance> {
  const path = join(directory, recordFile)
  try {
    return { directory, record: recordSchema.parse(await readJson(path), recordFile) }
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error
    return {
      directory,
      problem: `${path} cannot be read (${error.message}); restore it or move the directory`,
    }
  }
}

export async function writeRecord(directory: string, record: InstanceRecord): Promise<void> {
  await writePrivateJson(join(directory, recordFile), record)
}

/** An id that tells people which instance a directory is, and stays when the name changes. */
export function newInstanceId(name: string): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return `${slug === '' ? 'instance' : slug.slice(0, 40)}-${randomBytes(4).toString('hex')}`
}

/** Joiners hold emoji and some scripts together; all else of category Cf is invisible or turns the line around. */
const invisible = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/u
const visible = /[^\p{C}\p{Z}\p{M}]/u

/** The name in its composed form. Throws `invalid-argument` for one that nobody could see, type or tell apart. */
export function checkName(name: string): string {
  const trimmed = name.trim().normalize('NFC')
  if (trimmed.isWellFormed() && visible.test(trimmed) && !invisible.test(trimmed)) return trimmed
  throw new WorkbenchError('invalid-argument', 'An instance needs a name of visible characters')
}
