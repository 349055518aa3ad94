/** What is kept of a server elsewhere, in a directory of its own, without its password. Knows no connection. */

import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkbenchError } from '../../contract/error.ts'
import { instanceNameLengthMax } from '../../contract/limits.ts'
import { remoteConnectionSchema } from '../../contract/remote-server.ts'
import { integer, nullable, object, string, type Infer } from '../../contract/schema.ts'
import { readJson, writePrivateJson } from '../storage/private-files.ts'

const recordSchema = object({
  id: string(64, 1),
  name: string(instanceNameLengthMax, 1),
  createdAtMs: integer(0),
  /** As of the last connection; null before the first. */
  serverVersion: nullable(string(64)),
  product: nullable(string(64)),
  connection: remoteConnectionSchema,
})
export type RemoteRecord = Infer<typeof recordSchema>

const recordFile = 'server.json'

/** A record that could be read, or why it could not. */
export type FoundRemote = { readonly record: RemoteRecord } | { readonly problem: string }

export async function findRemotes(directory: string): Promise<FoundRemote[]> {
  if (!existsSync(directory)) return []
  const entries = await readdir(directory, { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(folders.sort().map((folder) => readRemote(join(directory, folder))))
}

export async function readRemote(directory: string): Promise<FoundRemote> {
  const path = join(directory, recordFile)
  try {
    return { record: recordSchema.parse(await readJson(path), recordFile) }
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error
    return { problem: `${path} cannot be read (${error.message}); restore it or move the directory` }
  }
}

export async function writeRemote(directory: string, record: RemoteRecord): Promise<void> {
  await writePrivateJson(join(directory, recordFile), record)
}
