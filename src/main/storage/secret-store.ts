/**
 * Where passwords of servers are kept, behind an interface so that a shell with a keychain can bring its own. Here:
 * a file beside what it belongs to, readable by its owner alone (0600), gone with the directory.
 */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { nullable, object, string } from '../../contract/schema.ts'
import { readJson, writePrivateJson } from './private-files.ts'
import { storageError } from './storage-error.ts'

/** Secrets of things that have a directory each. */
export interface SecretStore {
  /** null: there is none. */
  get(directory: string): Promise<string | null>
  /** null takes it away. */
  set(directory: string, secret: string | null): Promise<void>
}

const secretFile = 'secret.json'
const secretSchema = nullable(object({ password: string(4096) }))

export const secretFiles: SecretStore = {
  async get(directory) {
    return secretSchema.parse(await readJson(join(directory, secretFile)), secretFile)?.password ?? null
  },

  async set(directory, secret) {
    const path = join(directory, secretFile)
    if (secret !== null) return writePrivateJson(path, { password: secret })
    try {
      await rm(path, { force: true })
    } catch (error) {
      throw storageError(error, path)
    }
  },
}
