/**
 * The secret with which programs that scrape may ask for metrics, and for nothing else: in a file of its owner alone
 * (0600), made once, so that a configuration that names the file stays good. Knows no request.
 */

import { randomBytes } from 'node:crypto'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { storageError, systemCode } from '../storage/storage-error.ts'

/** 256 bits, as base64url: what nobody guesses, on a port that every local user can reach. */
const tokenBytes = 32
const tokenPattern = /^[\w-]{43}$/
const fileMode = 0o600

export interface MetricsToken {
  readonly path: string
  readonly token: string
}

/** Reads the token, or makes one where there is none that could be one. Throws `disk-full`, `permission-denied`. */
export async function metricsToken(dataDirectory: string): Promise<MetricsToken> {
  const path = join(dataDirectory, 'metrics-token')
  try {
    const kept = await readToken(path)
    const token = kept ?? randomBytes(tokenBytes).toString('base64url')
    if (kept === null) await writeFile(path, `${token}\n`, { mode: fileMode })
    // Whoever has copied the directory may have left it open to others.
    await chmod(path, fileMode)
    return { path, token }
  } catch (error) {
    throw storageError(error, path)
  }
}

async function readToken(path: string): Promise<string | null> {
  try {
    const token = (await readFile(path, 'utf8')).trim()
    return tokenPattern.test(token) ? token : null
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}
