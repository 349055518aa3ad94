/**
 * Makes sure that a client is who it says: by SCRAM-SHA-256, bound to the TLS channel where there is one, or by its
 * certificate. Whoever may not log in learns nothing of which names exist, and one guess costs one connection.
 */

import type { PeerCertificate } from 'node:tls'
import { authenticationSasl, authenticationSaslContinue, authenticationSaslFinal } from './backend-message.ts'
import type { ClientSocket } from './client-socket.ts'
import { ScramExchange, scramMechanism, scramPlusMechanism, type ScramOptions } from './scram-exchange.ts'
import { mockVerifier, readVerifier, type ScramVerifier } from './scram-verifier.ts'
import type { TlsAcceptor } from './tls-acceptor.ts'
import type { WireRole } from './wire-backend.ts'
import { protocolViolation, refusal } from './wire-failure.ts'

/** PG_MAX_SASL_MESSAGE_LENGTH (PostgreSQL, libpq/auth.h). */
const saslMessageBytesMax = 1024
const passwordMessage = 'p'.charCodeAt(0)

export interface AuthenticationOptions {
  readonly user: string
  /** What the password is checked against; null when there is nothing that could be right. */
  readonly verifier: ScramVerifier | null
  /** What who fails is told; null for everybody whose name must not be told from others. */
  readonly hint: string | null
  /** Makes up verifiers for those who have none; constant for as long as clients should see no difference. */
  readonly mockSecret: Uint8Array
  /** null where there is no TLS, as on a Unix-domain socket. */
  readonly acceptor: TlsAcceptor | null
}

/** The verifier of a role that may be logged in as at `nowMs`; null otherwise, as when there is no role. */
export function usableVerifier(role: WireRole | null, nowMs: number): ScramVerifier | null {
  if (role === null) return null
  const isExpired = role.validUntilMs !== null && role.validUntilMs < nowMs
  return isExpired ? null : readVerifier(role.passwordVerifier)
}

/** For a role with a password that nobody can log in with; null for every other. */
export function verifierHint(role: WireRole | null): string | null {
  if (role?.passwordVerifier?.startsWith('md5') !== true) return null
  return "Its password is stored as md5: set it anew while password_encryption is 'scram-sha-256'."
}

/**
 * Asks for the password, or looks at the certificate. Answers what SYSTEM_USER is then; null when the client went away.
 * Throws 28P01, 28000.
 */
export async function authenticate(
  client: ClientSocket,
  options: AuthenticationOptions,
): Promise<string | null> {
  const { user, acceptor } = options
  const certificates = acceptor?.options.clientCertificates ?? null
  if (certificates !== null) {
    const name = certificateName(client)
    if (name === null) throw refusal('28000', 'connection requires a valid client certificate')
    if (certificates.use === 'log-in') {
      if (name === user) return `cert:${subjectOf(client)}`
      throw refusal('28000', `certificate authentication failed for user "${user}"`, {
        hint: 'The common name of the certificate must be the name of the role.',
      })
    }
  }
  return (await authenticateByScram(client, options)) ? scramSystemUser(user) : null
}

/** What SYSTEM_USER is for who logs in with a password. */
export function scramSystemUser(user: string): string {
  return `scram-sha-256:${user}`
}

async function authenticateByScram(client: ClientSocket, options: AuthenticationOptions): Promise<boolean> {
  const channelBinding = client.tls === null ? null : (options.acceptor?.channelBinding ?? null)
  const mechanisms = channelBinding === null ? [scramMechanism] : [scramPlusMechanism, scramMechanism]
  client.write(authenticationSasl(mechanisms))
  const initial = await readSaslMessage(client)
  if (initial === null) return false
  const { mechanism, response } = readInitialResponse(initial, mechanisms)
  const verifier = options.verifier ?? mockVerifier(options.user, options.mockSecret)
  const exchange = new ScramExchange({ verifier, mechanism, channelBinding })
  let clientFirst = response
  if (clientFirst === null) {
    client.write(authenticationSaslContinue(''))
    clientFirst = await readSaslMessage(client)
    if (clientFirst === null) return false
  }
  client.write(authenticationSaslContinue(exchange.begin(clientFirst.toString('latin1'))))
  exchange.foresee()
  const clientFinal = await readSaslMessage(client)
  if (clientFinal === null) return false
  const serverFinal = exchange.finish(clientFinal.toString('latin1'))
  if (serverFinal === null || options.verifier === null) {
    throw refusal('28P01', `password authentication failed for user "${options.user}"`, {
      hint: options.hint,
    })
  }
  // As a server, which sends neither this nor what follows before it is ready (sendAuthRequest, libpq/auth.c).
  client.gather()
  client.write(authenticationSaslFinal(serverFinal))
  return true
}

/** The body of the client's next message, which must be one of type `p`; null when the client went away. */
async function readSaslMessage(client: ClientSocket): Promise<Buffer | null> {
  const head = await client.read(5)
  if (head === null) return null
  const bodyBytes = head.readInt32BE(1) - 4
  if (head[0] !== passwordMessage)
    throw protocolViolation(`expected SASL response, got message type ${head[0]}`)
  if (bodyBytes < 0 || bodyBytes > saslMessageBytesMax) {
    throw protocolViolation('invalid length of SASL response')
  }
  return bodyBytes === 0 ? Buffer.alloc(0) : client.read(bodyBytes)
}

interface InitialResponse {
  readonly mechanism: ScramOptions['mechanism']
  readonly response: Buffer | null
}

/** SASLInitialResponse (section 54.7): mechanism, length of the response or -1, response. */
function readInitialResponse(body: Buffer, offered: readonly string[]): InitialResponse {
  const nameEnd = body.indexOf(0)
  const name = body.toString('latin1', 0, Math.max(nameEnd, 0))
  const mechanism = ([scramMechanism, scramPlusMechanism] as const).find((known) => known === name)
  if (mechanism === undefined || !offered.includes(mechanism)) {
    throw protocolViolation('client selected an invalid SASL authentication mechanism')
  }
  const at = nameEnd + 1
  const length = body.length >= at + 4 ? body.readInt32BE(at) : -2
  const response = body.subarray(at + 4)
  if (length === -1 && response.length === 0) return { mechanism, response: null }
  if (length === response.length) return { mechanism, response }
  throw protocolViolation('invalid length of SASL response')
}

/** The common name of a certificate that the authority has signed; null when there is none, or several. */
function certificateName(client: ClientSocket): string | null {
  if (!client.tls?.authorized) return null
  const certificate: Partial<PeerCertificate> = client.tls.getPeerCertificate()
  const name: unknown = certificate.subject?.CN
  return typeof name === 'string' ? name : null
}

/** The whole name of who has shown the certificate, as RFC 2253 has it: from the last part to the first. */
function subjectOf(client: ClientSocket): string {
  const parts = client.tls?.getPeerX509Certificate()?.subject.split('\n') ?? []
  return parts.toReversed().join(',')
}
