/**
 * The certificate that an endpoint makes for itself when nobody gives it one: for this machine's loopback names,
 * kept with its key in a directory that only its owner can read. Knows no socket.
 */

import { createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../base/clock.ts'
import { WorkbenchError } from '../../../contract/error.ts'

/** Long, because clients pin it: a new one breaks every connection that verifies. */
const validityMs = 10 * 365 * 86_400_000
/** Clocks of client and server may differ, and a suspended machine may be late. */
const renewalMarginMs = 86_400_000

export interface SelfMadeCertificate {
  /** PEM. */
  readonly certificate: string
  /** PEM, PKCS #8. */
  readonly key: string
  /** Where the certificate is, for sslrootcert. */
  readonly path: string
}

/** The certificate in `directory`; makes one when there is none, or when its time is over. */
export async function selfMadeCertificate(directory: string, clock: Clock): Promise<SelfMadeCertificate> {
  const paths = { certificate: join(directory, 'server.crt'), key: join(directory, 'server.key') }
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await chmod(directory, 0o700)
    const [certificate, key] = await Promise.all([readText(paths.certificate), readText(paths.key)])
    if (isUsable(certificate, key, clock)) return { certificate, key, path: paths.certificate }
    const made = await make(clock)
    // The key first: a certificate without its key is made anew, whatever happened in between.
    await writePrivate(paths.key, made.key)
    await writePrivate(paths.certificate, made.certificate)
    return { ...made, path: paths.certificate }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new WorkbenchError('storage-failed', `No certificate could be kept in ${directory}: ${why}`, {
      cause,
    })
  }
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  })
}

function isUsable(certificate: string, key: string, clock: Clock): boolean {
  try {
    const parsed = new X509Certificate(certificate)
    const lastsMs = Date.parse(parsed.validTo) - clock.nowMs()
    return lastsMs > renewalMarginMs && parsed.checkPrivateKey(createPrivateKey(key))
  } catch {
    // Not a certificate or not a key, whatever it is: a new pair replaces it.
    return false
  }
}

async function make(clock: Clock): Promise<{ certificate: string; key: string }> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=localhost, O=Wardian',
      // Positive, whatever the random bytes are (RFC 5280, section 4.1.2.2).
      serialNumber: `01${randomBytes(15).toString('hex')}`,
      notBefore: new Date(clock.nowMs() - renewalMarginMs),
      notAfter: new Date(clock.nowMs() + validityMs),
      keys,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
          { type: 'ip', value: '::1' },
        ]),
        // Whoever trusts it trusts this endpoint alone, and nothing that its key might sign.
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      ],
    },
    webcrypto,
  )
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  const pem = x509.PemConverter.encode(new Uint8Array(key).buffer, 'PRIVATE KEY')
  return { certificate: `${certificate.toString('pem')}\n`, key: `${pem}\n` }
}

/** Readers see the old file or the new one; nobody else can read either. */
async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
