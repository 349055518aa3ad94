/**
 * What clients of Neon's two protocols find: `/v2`, the Postgres protocol over a WebSocket, and `/sql`, statements over
 * HTTP. Puts the two together; knows no byte of them.
 */

import type { ConnectionContext } from '../postgres/client-connection.ts'
import { stalledClientMsDefault } from '../postgres/client-traffic.ts'
import { OutputAllowance } from '../postgres/output-allowance.ts'
import type { CreateWebRoutes } from '../web/web-access.ts'
import { passwordLogIn } from './password-log-in.ts'
import { SqlRequests } from './sql-requests.ts'
import { TokenGrants } from './token-grants.ts'
import { WireSockets } from './wire-sockets.ts'

export const createNeonRoutes: CreateWebRoutes = ({ access, clients, clock, log, meter }) => {
  const grants = new TokenGrants(access, clock)
  const onFailure = (error: unknown): void =>
    log.error('A client of the web endpoint could not be served', error)
  const context: ConnectionContext = {
    ...{ clock, meter, onFailure, registry: clients },
    ...{ tls: null, tap: () => null, stalledClientMs: stalledClientMsDefault },
    logIn: (request) => passwordLogIn(grants, request),
    allowance: new OutputAllowance(),
  }
  const wire = new WireSockets(context)
  const sql = new SqlRequests({ grants, clock, meter, onFailure, registry: clients })
  return { sockets: { '/v2': wire }, requests: { '/sql': sql }, close: () => wire.close() }
}
