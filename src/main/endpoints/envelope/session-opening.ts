/**
 * Opens the sessions of one socket on what stands behind a tenant, and gives each its place among the clients of the
 * endpoint, where people see it and can end it. Knows no frame.
 */

import { protocolLatest } from '../postgres/start-up-packet.ts'
import type { ClientState, RegisteredClient } from '../postgres/client-registry.ts'
import type { WireSession } from '../postgres/wire-backend.ts'
import { EnvelopeFailure } from './envelope-failure.ts'
import { EnvelopeSession } from './envelope-session.ts'
import type { EnvelopePeer } from './request-handler.ts'
import type { TransactionStatus } from './session-job.ts'
import type { OpenEnvelopeSession } from './socket-sessions.ts'

export function sessionOpener(peer: EnvelopePeer): OpenEnvelopeSession {
  return ({ tenant, name, onEnd }) => {
    let entry: RegisteredClient | null = null
    const { access } = peer.grant
    return new EnvelopeSession({
      ...{ tenant, isNamed: name !== null, isReadOnly: access === 'read-only', clock: peer.context.clock },
      isCongested: () => peer.isCongested,
      open: async () => {
        const opened = await open(peer, tenant)
        entry = opened.entry
        return opened.session
      },
      onEnd,
      onClosed: () => entry?.dispose(),
      onState: (isActive, status) => {
        if (!entry) return
        entry.state = clientState(isActive, status)
        entry.changed()
      },
    })
  }
}

async function open(
  peer: EnvelopePeer,
  tenant: string,
): Promise<{ readonly session: WireSession; readonly entry: RegisteredClient }> {
  const { accepted, client, context } = peer
  const { address, port, isEncrypted, encryption } = accepted
  const { role: user } = peer.grant
  const backend = await peer.backend(tenant)
  const role = await backend.findRole(user)
  if (!role) throw new EnvelopeFailure('unavailable', `role "${user}" does not exist`, { sqlstate: '28000' })
  const about = { user, database: tenant, applicationName: client, address, port, isEncrypted }
  const entry = context.clients.register({ ...about, protocolVersion: protocolLatest, backend, role })
  entry.stop = (error) => peer.stop(error)
  try {
    const session = await backend.openSession({
      ...{ role: user, database: tenant, address, port, encryption },
      settings: new Map([
        ['application_name', client],
        ['client_encoding', 'UTF8'],
      ]),
      title: `${client === '' ? 'client' : client} (${user}, ${address ?? 'local'}:${port ?? ''})`,
      systemUser: null,
    })
    entry.session = session
    entry.state = 'idle'
    entry.changed()
    return { session, entry }
  } catch (error) {
    entry.dispose()
    throw error
  }
}

function clientState(isActive: boolean, status: TransactionStatus): ClientState {
  if (isActive) return 'active'
  if (status === 'idle') return 'idle'
  return status === 'open' ? 'idle in transaction' : 'idle in transaction (aborted)'
}
