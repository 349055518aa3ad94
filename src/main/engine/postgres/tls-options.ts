/**
 * What a TLS mode means for the connection: what is demanded of the server's certificate, and which files are shown
 * or trusted (PostgreSQL 18 documentation, section 32.19). Knows no socket.
 */

import { readFile } from 'node:fs/promises'
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from 'node:tls'
import { WorkbenchError } from '../../../contract/error.ts'
import type { RemoteConnection } from '../../../contract/remote-server.ts'

type TlsFields = Pick<RemoteConnection, 'host' | 'tlsMode' | 'caFile' | 'certificateFile' | 'keyFile'>

/** A socket of this machine needs no encryption, and servers do not offer it there. */
export function isSocketDirectory(host: string): boolean {
  return host.startsWith('/')
}

/** Null: not encrypted. Throws `not-found`, `permission-denied` and `invalid-argument` for a file that is no use. */
export async function tlsOptions(connection: TlsFields): Promise<ConnectionOptions | null> {
  const { host, tlsMode, caFile, certificateFile, keyFile } = connection
  if (tlsMode === 'disable' || isSocketDirectory(host)) return null
  const files = {
    ...(caFile === null ? {} : { ca: await readPem(caFile, 'CA certificate') }),
    ...(certificateFile === null ? {} : { cert: await readPem(certificateFile, 'client certificate') }),
    ...(keyFile === null ? {} : { key: await readPem(keyFile, 'client key') }),
  }
  if (!verifies(connection)) return { ...files, rejectUnauthorized: false }
  return {
    ...files,
    rejectUnauthorized: true,
    checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
      tlsMode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
  }
}

/** With a CA file `require` verifies as `verify-ca` does, as libpq has it. */
function verifies({ tlsMode, caFile }: TlsFields): boolean {
  if (tlsMode === 'prefer') return false
  return tlsMode !== 'require' || caFile !== null
}

async function readPem(path: string, what: string): Promise<string> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const code = isMissing ? 'not-found' : 'permission-denied'
    const why = isMissing ? 'does not exist' : 'cannot be read'
    throw new WorkbenchError(code, `The ${what} ${path} ${why}; choose another file`, { cause: error })
  }
  if (text.includes('-----BEGIN ENCRYPTED') || text.includes('Proc-Type: 4,ENCRYPTED')) {
    throw new WorkbenchError('unsupported', `The ${what} ${path} is encrypted; store it without a passphrase`)
  }
  if (text.includes('-----BEGIN ')) return text
  throw new WorkbenchError('invalid-argument', `The ${what} ${path} is no PEM file; convert it with openssl`)
}
