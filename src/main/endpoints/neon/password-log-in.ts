/**
 * How clients of the Postgres protocol log in over a WebSocket: with a token as the password, in clear, and only where
 * the channel keeps it. The request for it is the only one that fits both kinds of clients: those that wait for it, and
 * those that have sent start-up, password and first query before anything was answered (`pipelineConnect` of
 * `@neondatabase/serverless`). Knows no role.
 */

import { authenticationCleartextPassword, authenticationOk } from '../postgres/backend-message.ts'
import type { ClientCarrier } from '../postgres/client-carrier.ts'
import type { ClientSocket } from '../postgres/client-socket.ts'
import type { LoggedIn, LogInRequest } from '../postgres/log-in.ts'
import { protocolViolation, refusal } from '../postgres/wire-failure.ts'
import { isLoopback } from '../web/web-listeners.ts'
import type { TokenGrants } from './token-grants.ts'

/** Far more than a token has; whoever sends more is no client. */
const passwordBytesMax = 1024
const passwordMessage = 'p'.charCodeAt(0)

/** As `LogIn`. */
export async function passwordLogIn(grants: TokenGrants, request: LogInRequest): Promise<LoggedIn | null> {
  const { client, carrier, settings } = request
  if (!keepsSecrets(carrier)) {
    throw refusal('28000', 'no password is taken over a connection that is not encrypted', {
      hint: 'Connect by wss, or from this machine.',
    })
  }
  const isPipelined = client.hasUnread
  if (isPipelined) client.gather()
  client.write(authenticationCleartextPassword())
  const token = await readPassword(client)
  if (token === null) return null
  // Until the server is ready, as one message.
  if (!isPipelined) client.gather()
  const { user, database } = settings
  const { address } = carrier.place
  const grant = await request.awaitHost(grants.grantOf({ user, token, address }))
  const loggedIn = await request.awaitHost(grants.admit(grant, database))
  client.write(authenticationOk())
  return loggedIn
}

/** Whether what is said cannot be heard by others on the way. */
function keepsSecrets({ encryption, place }: ClientCarrier): boolean {
  return encryption !== null || (place.address !== null && isLoopback(place.address))
}

/** PasswordMessage (PostgreSQL 18 documentation, section 54.7); null when the client went away. */
async function readPassword(client: ClientSocket): Promise<string | null> {
  const head = await client.read(5)
  if (head === null) return null
  const bodyBytes = head.readInt32BE(1) - 4
  if (head[0] !== passwordMessage) {
    throw protocolViolation(`expected password response, got message type ${head[0]}`)
  }
  if (bodyBytes < 1 || bodyBytes > passwordBytesMax) throw protocolViolation('invalid password packet size')
  const body = await client.read(bodyBytes)
  if (body === null) return null
  if (body.indexOf(0) !== bodyBytes - 1) throw protocolViolation('invalid password packet size')
  return body.toString('utf8', 0, bodyBytes - 1)
}
