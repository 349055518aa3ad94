/**
 * The PEM files that a user gives for TLS: read, checked so that what is wrong with them is said before a client
 * stumbles over it, and read again when they have changed. Knows no socket.
 */

import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { Clock } from '../../../base/clock.ts'
import { WorkbenchError } from '../../../contract/error.ts'

/** A chain of certificates has some kilobytes, and a list of all authorities of the world 200 kB. */
const fileBytesMax = 1 << 20
const othersBits = 0o077

/** Where they lie; null where none is given. */
export interface TlsFilePaths {
  readonly certificate: { readonly certificatePath: string; readonly keyPath: string } | null
  readonly authorityPath: string | null
}

/** What they hold, as PEM. */
export interface TlsFileTexts {
  readonly certificate: { readonly certificate: string; readonly key: string } | null
  readonly authority: string | null
}

/** Throws `invalid-argument` or `permission-denied`, naming the file and what to do. */
export async function readTlsFiles(paths: TlsFilePaths, clock: Clock): Promise<TlsFileTexts> {
  const { certificate, authorityPath } = paths
  const [pair, authority] = await Promise.all([
    certificate && readPair(certificate, clock),
    authorityPath === null ? null : readAuthority(authorityPath),
  ])
  return { certificate: pair, authority }
}

/** Whether clients of this machine can verify the certificate with nothing but itself. */
export function isSelfSigned(certificate: string): boolean {
  const parsed = new X509Certificate(certificate)
  const isForLoopback = parsed.checkIP('127.0.0.1') !== undefined
  return isForLoopback && parsed.issuer === parsed.subject && parsed.verify(parsed.publicKey)
}

/** Tells when any of the files is another than before. */
export class TlsFileWatch {
  readonly #paths: readonly string[]
  #seen: string | null = null

  constructor({ certificate, authorityPath }: TlsFilePaths) {
    const paths = [certificate?.certificatePath, certificate?.keyPath, authorityPath]
    this.#paths = paths.filter((path) => typeof path === 'string')
  }

  /** True once for each change, and at the first look; a file that cannot be found is one. */
  async hasChanged(): Promise<boolean> {
    if (this.#paths.length === 0) return false
    const stamps = await Promise.all(this.#paths.map((path) => stampOf(path)))
    const now = stamps.join(' ')
    const hasChanged = now !== this.#seen
    this.#seen = now
    return hasChanged
  }
}

async function stampOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null)
  return found === null ? 'none' : `${found.ino}:${found.size}:${found.mtimeNs}`
}

async function readPair(
  { certificatePath, keyPath }: NonNullable<TlsFilePaths['certificate']>,
  clock: Clock,
): Promise<TlsFileTexts['certificate']> {
  const [certificate, key] = await Promise.all([
    readText(certificatePath, 'certificate'),
    readText(keyPath, 'key'),
  ])
  await checkPrivate(keyPath)
  const parsed = parseCertificate(certificate, certificatePath)
  if (Date.parse(parsed.validTo) <= clock.nowMs()) {
    throw unusable(`The certificate ${certificatePath} expired on ${parsed.validTo}: renew it`)
  }
  if (!parsed.checkPrivateKey(parseKey(key, keyPath))) {
    throw unusable(`The key ${keyPath} does not belong to the certificate ${certificatePath}: give its own`)
  }
  return { certificate, key }
}

async function readAuthority(path: string): Promise<string> {
  const text = await readText(path, 'file of the authority')
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw unusable(`${path} holds no certificate in PEM format`)
  for (const block of blocks) parseCertificate(block, path)
  return text
}

async function readText(path: string, what: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size <= fileBytesMax) return await readFile(path, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null
    if (code === 'ENOENT') throw unusable(`The ${what} ${path} does not exist`, cause)
    if (code === 'EACCES' || code === 'EPERM') {
      throw new WorkbenchError('permission-denied', `You may not read the ${what} ${path}`, { cause })
    }
    const why = cause instanceof Error ? cause.message : String(cause)
    throw unusable(`The ${what} ${path} cannot be read: ${why}`, cause)
  }
  throw unusable(`The ${what} ${path} is longer than a PEM file can be: give another one`)
}

/** As Postgres demands (check_ssl_key_file_permissions in libpq/be-secure-common.c). */
async function checkPrivate(keyPath: string): Promise<void> {
  if (process.platform === 'win32') return
  const { mode, uid } = await stat(keyPath)
  // A key of the system may be read by a group that it has for this.
  const forbidden = uid === 0 && process.getuid?.() !== 0 ? 0o037 : othersBits
  if ((mode & forbidden) === 0) return
  const message = `Other users may read the key ${keyPath}: take that from them (chmod 600)`
  throw new WorkbenchError('permission-denied', message)
}

function parseCertificate(text: string, path: string): X509Certificate {
  try {
    return new X509Certificate(text)
  } catch (cause) {
    throw unusable(`${path} holds no certificate in PEM format`, cause)
  }
}

function parseKey(text: string, path: string): KeyObject {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    throw unusable(`The key ${path} has a passphrase, for which nobody can be asked: store it without one`)
  }
  try {
    return createPrivateKey(text)
  } catch (cause) {
    throw unusable(`${path} holds no private key in PEM format`, cause)
  }
}

function unusable(message: string, cause?: unknown): WorkbenchError {
  return new WorkbenchError('invalid-argument', message, { cause })
}
