/** A certificate authority for tests of TLS, and certificates that it signs; kept in memory, gone with the test. */

import { randomBytes, webcrypto } from 'node:crypto'

await import('reflect-metadata')
const x509 = await import('@peculiar/x509')

const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
const hourMs = 3_600_000

export interface CertificateAndKey {
  /** PEM. */
  readonly certificate: string
  readonly key: string
}

export class TestAuthority {
  readonly certificate: string
  readonly #name: string
  readonly #keys: CryptoKeyPair

  private constructor(name: string, keys: CryptoKeyPair, certificate: string) {
    this.#name = name
    this.#keys = keys
    this.certificate = certificate
  }

  static async create(name = 'Test authority'): Promise<TestAuthority> {
    const keys = await newKeys()
    const certificate = await x509.X509CertificateGenerator.createSelfSigned(
      {
        ...{ name: `CN=${name}`, keys, signingAlgorithm, ...validity() },
        extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
      },
      webcrypto,
    )
    return new TestAuthority(name, keys, certificate.toString('pem'))
  }

  /** For `subject`, such as `CN=ann`; `expiredMs` ago if given. */
  async sign(subject: string, expiredMs = 0): Promise<CertificateAndKey> {
    const keys = await newKeys()
    const certificate = await x509.X509CertificateGenerator.create(
      {
        ...{ subject, issuer: `CN=${this.#name}`, publicKey: keys.publicKey, signingAlgorithm },
        ...{ signingKey: this.#keys.privateKey, ...validity(expiredMs) },
        extensions: [
          new x509.ExtendedKeyUsageExtension([
            x509.ExtendedKeyUsage.clientAuth,
            x509.ExtendedKeyUsage.serverAuth,
          ]),
          new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]),
        ],
      },
      webcrypto,
    )
    const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
    return { certificate: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') }
  }
}

type CryptoKeyPair = webcrypto.CryptoKeyPair

function newKeys(): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
}

function validity(expiredMs = 0): { serialNumber: string; notBefore: Date; notAfter: Date } {
  const nowMs = performance.timeOrigin + performance.now()
  const endMs = expiredMs > 0 ? nowMs - expiredMs : nowMs + hourMs
  const serialNumber = `01${randomBytes(8).toString('hex')}`
  return { serialNumber, notBefore: new Date(endMs - 2 * hourMs), notAfter: new Date(endMs) }
}
