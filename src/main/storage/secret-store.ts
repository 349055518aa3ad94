/**
 * Where passwords of servers are kept: a file beside what it belongs to, readable by its owner alone (0600), gone with
 * the directory. Where there is a keyring, what is in the file is sealed with it.
 */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkbenchError } from '../../contract/error.ts'
import { nullable, object, optional, string } from '../../contract/schema.ts'
import { readJson, writePrivateJson } from './private-files.ts'
import { storageError } from './storage-error.ts'

/** Secrets of things that have a directory each. */
export interface SecretStore {
  /** null: there is none. Throws `permission-denied` for one that this program cannot unseal. */
  get(directory: string): Promise<string | null>
  has(directory: string): Promise<boolean>
  /** null takes it away. */
  set(directory: string, secret: string | null): Promise<void>
  /** Whether what is kept from now on is sealed. */
  isSealing(): Promise<boolean>
}

/** A keyring that may be there or not. */
export interface Sealer {
  /** null: it cannot. */
  seal(text: string): Promise<string | null>
  /** null: this keyring did not seal it. */
  unseal(sealed: string): Promise<string | null>
}

const secretFile = 'secret.json'
const secretSchema = nullable(
  object({ password: optional(string(4_096)), sealed: optional(string(65_536, 1)) }),
)

export class SecretFiles implements SecretStore {
  readonly #sealer: Sealer | null

  /** Without a sealer files hold passwords as they are. */
  constructor(sealer: Sealer | null = null) {
    this.#sealer = sealer
  }

  async get(directory: string): Promise<string | null> {
    const kept = await readSecret(directory)
    if (kept?.sealed === undefined) return kept?.password ?? null
    const secret = (await this.#sealer?.unseal(kept.sealed)) ?? null
    if (secret !== null) return secret
    throw new WorkbenchError(
      'permission-denied',
      'The password is sealed with the keyring of the Wardian app, which is not there; enter the password again',
    )
  }

  async has(directory: string): Promise<boolean> {
    const kept = await readSecret(directory)
    return kept?.password !== undefined || kept?.sealed !== undefined
  }

  async set(directory: string, secret: string | null): Promise<void> {
    const path = join(directory, secretFile)
    if (secret !== null) {
      const sealed = (await this.#sealer?.seal(secret)) ?? null
      return writePrivateJson(path, sealed === null ? { password: secret } : { sealed })
    }
    try {
      await rm(path, { force: true })
    } catch (error) {
      throw storageError(error, path)
    }
  }

  async isSealing(): Promise<boolean> {
    return this.#sealer !== null && (await this.#sealer.seal('a trial')) !== null
  }
}

async function readSecret(directory: string): Promise<{ password?: string; sealed?: string } | null> {
  return secretSchema.parse(await readJson(join(directory, secretFile)), secretFile)
}
