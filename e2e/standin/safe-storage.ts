/**
 * `safeStorage`, with a key that is the same everywhere: what it seals is safe from nobody. STANDIN_KEYRING=none is a
 * machine without a keyring.
 */

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import type Electron from 'electron'
import { onlyWhenReady } from './readiness.ts'
import { strict } from './strict.ts'

const key = createHash('sha256').update('stand-in').digest()
const version = Buffer.from('v11')
const nonceBytes = 12
const tagBytes = 16

function hasKeyring(): boolean {
  return process.env['STANDIN_KEYRING'] !== 'none'
}

function seal(text: string): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([version, nonce, cipher.getAuthTag(), sealed])
}

function unseal(sealed: Buffer): string {
  try {
    if (!sealed.subarray(0, version.length).equals(version)) throw new Error('not sealed here')
    const nonceEnd = version.length + nonceBytes
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(version.length, nonceEnd))
    decipher.setAuthTag(sealed.subarray(nonceEnd, nonceEnd + tagBytes))
    return decipher.update(sealed.subarray(nonceEnd + tagBytes), undefined, 'utf8') + decipher.final('utf8')
  } catch (error) {
    const message = 'Error while decrypting the ciphertext provided to safeStorage.decryptString.'
    throw new Error(message, { cause: error })
  }
}

export const safeStorage = strict('safeStorage', {
  isEncryptionAvailable: onlyWhenReady('safeStorage', hasKeyring),
  getSelectedStorageBackend: () => (hasKeyring() ? 'gnome_libsecret' : 'basic_text'),
  encryptString: onlyWhenReady('safeStorage', seal),
  decryptString: onlyWhenReady('safeStorage', unseal),
} satisfies Partial<Electron.SafeStorage>)
