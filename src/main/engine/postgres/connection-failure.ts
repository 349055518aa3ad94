/**
 * Words for everything that can go wrong between here and a server: the network, names, certificates, log-in. What
 * the server itself says is kept whole; what a library or the system says is turned into what to do. Pure.
 */

import {
  noSqlErrorFields,
  WorkbenchError,
  type ErrorCode,
  type SqlErrorFields,
} from '../../../contract/error.ts'
import type { RemoteConnection } from '../../../contract/remote-server.ts'
import { isSocketDirectory } from './tls-options.ts'

type Target = Pick<RemoteConnection, 'host' | 'port' | 'tlsMode'>

/** `db.example.org:5432`, or the path of the socket. */
export function addressWords({ host, port }: Pick<Target, 'host' | 'port'>): string {
  if (isSocketDirectory(host)) return `${host}/.s.PGSQL.${port}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

const trustHint =
  'If you trust it, give the CA certificate that has signed it (for a self-signed one, that certificate itself), or ' +
  'choose the TLS mode `require`, which encrypts without checking who answers'

/** By the codes of OpenSSL and Node (nodejs.org/api/tls.html, X509 certificate error codes). */
const certificateWords: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: `is self-signed and not trusted. ${trustHint}`,
  SELF_SIGNED_CERT_IN_CHAIN: `is signed by an authority that is not trusted. ${trustHint}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `is signed by an authority that is not known. ${trustHint}`,
  UNABLE_TO_GET_ISSUER_CERT: `is signed by an authority that is not known. ${trustHint}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `is signed by an authority that is not known. ${trustHint}`,
  CERT_SIGNATURE_FAILURE: `is not signed by the given CA. ${trustHint}`,
  CERT_UNTRUSTED: `is not trusted. ${trustHint}`,
  CERT_HAS_EXPIRED: 'has expired. Its owner has to renew it; check the clock of this machine, too',
  CERT_NOT_YET_VALID: 'is not valid yet. Check the clock of this machine',
  CERT_REVOKED: 'has been revoked. Ask the owner of the server',
}

/** By the codes of the operating system and of name resolution. */
const networkWords: Readonly<Record<string, string>> = {
  ENOTFOUND: 'There is no host of that name. Check the name, and whether a VPN is needed to resolve it',
  EAI_AGAIN: 'The name could not be resolved, because no name server answers. Check the network',
  ECONNREFUSED:
    'Nothing listens there. Check host and port, and whether the server runs and accepts TCP connections',
  EHOSTUNREACH: 'There is no route to the host. Check the network or the VPN',
  ENETUNREACH: 'The network cannot be reached. Check the network or the VPN',
  ECONNRESET:
    'The server closed the connection at once. Check that a Postgres server listens there, and its log',
  EPIPE: 'The server closed the connection at once. Check that a Postgres server listens there, and its log',
  ETIMEDOUT: 'It does not answer. A firewall may drop what is sent; check host, port and network',
  ENOENT: 'There is no such socket. Check the directory, the port and whether the server runs',
  EACCES: 'This user may not open the socket',
}

/** Why a connection could not be made: `sql-error` when the server said so itself, else mostly `unreachable`. */
export function connectFailure(error: unknown, target: Target, timeoutMs: number): WorkbenchError {
  if (error instanceof WorkbenchError) return error
  const refusal = serverRefusal(error)
  if (refusal) return new WorkbenchError('sql-error', refusal.message, { cause: error, sql: refusal })
  const code = codeOf(error)
  const certificate = certificateWords[code] ?? nameWords(error, code, target)
  const where = addressWords(target)
  if (certificate !== undefined)
    return told('unreachable', `The certificate of ${where} ${certificate}`, error)
  const message = error instanceof Error ? error.message : String(error)
  const words = networkWords[code] ?? libraryWords(message, target, timeoutMs)
  return told('unreachable', `Could not connect to ${where}. ${words}`, error)
}

/** Why an open connection is gone, whose next use makes another. */
export function lossOf(error: unknown, target: Target): WorkbenchError {
  const reasons: Readonly<Record<string, string>> = {
    ETIMEDOUT: 'it no longer answers',
    ECONNRESET: 'it was reset by the server or by something on the way',
    EPIPE: 'the server closed it',
  }
  const code = codeOf(error)
  const known = error === null ? 'the server closed it' : reasons[code]
  const why = known ?? (error instanceof Error ? error.message : String(error))
  const message = `The connection to ${addressWords(target)} was lost: ${why}. The next statement connects again`
  return told('unreachable', message, error)
}

/** What the server said before it ended the connection, as the loss of an idle session. */
export function farewell(fields: SqlErrorFields): WorkbenchError {
  const message = `${fields.message}. The server ended the connection; the next statement connects again`
  return new WorkbenchError('sql-error', message, { sql: fields })
}

function told(code: ErrorCode, message: string, cause: unknown): WorkbenchError {
  return new WorkbenchError(code, message, { cause })
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function nameWords(error: unknown, code: string, { host }: Target): string | undefined {
  if (code !== 'ERR_TLS_CERT_ALTNAME_INVALID') return undefined
  const names = error instanceof Error && 'reason' in error ? ` (${String(error.reason)})` : ''
  return (
    `is for other names than ${host}${names}. Connect by a name that is in it, or choose the TLS mode \`verify-ca\`, ` +
    'which checks who has signed it and not the name'
  )
}

/** What pg and OpenSSL say in words alone. */
function libraryWords(message: string, { tlsMode }: Target, timeoutMs: number): string {
  if (message.includes('timeout expired')) {
    return `It did not answer within ${timeoutMs / 1_000} s. A firewall may drop what is sent; check host and port`
  }
  if (message.includes('does not support SSL')) {
    return `The server offers no TLS, and the mode \`${tlsMode}\` demands it. On a trusted network, choose \`prefer\``
  }
  if (message.includes('Connection terminated') || message.includes('establishing an SSL')) {
    return networkWords['ECONNRESET'] ?? message
  }
  return `${message}. Check the TLS mode, and that a Postgres server listens there`
}

/** The fields of an error of the server, as pg hands them on. */
function serverRefusal(error: unknown): SqlErrorFields | null {
  if (!(error instanceof Error) || !('severity' in error) || typeof error.severity !== 'string') return null
  const text = (name: string): string | null => {
    const value: unknown = Reflect.get(error, name)
    return typeof value === 'string' ? value : null
  }
  const code = text('code') ?? 'XX000'
  return {
    ...noSqlErrorFields,
    ...{ severity: error.severity, code, message: error.message, detail: text('detail') },
    hint: text('hint') ?? logInHints[code] ?? null,
    ...{ file: text('file'), line: text('line'), routine: text('routine') },
  }
}

/** What to do about a refused log-in (PostgreSQL 18 documentation, appendix A). */
const logInHints: Readonly<Record<string, string>> = {
  '28P01': 'Check the user and the password.',
  '28000':
    'The server’s pg_hba.conf does not let this user in from here, or only with TLS: try the mode `require`.',
  '3D000': 'Check the name of the database; a server without others has one named postgres.',
  '53300': 'The server has as many connections as it allows; close some, or connect through its pooler.',
  '57P03': 'The server starts or stops at the moment; try again.',
}
