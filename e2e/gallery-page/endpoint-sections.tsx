/** The endpoint in the gallery: whether it listens, how it is set, and clients in every state. */

import type { ReactElement } from 'react'
import type { Endpoint, EndpointClient } from '../../src/contract/endpoint.ts'
import { ClientTable } from '../../src/renderer/endpoints/client-table.tsx'
import { EndpointHead } from '../../src/renderer/endpoints/endpoint-head.tsx'
import { OptionsForm } from '../../src/renderer/endpoints/options-form.tsx'
import { GallerySection, nothing } from './gallery-section.tsx'

const off: Endpoint = {
  ...{ id: 'postgres', kind: 'postgres', state: 'off', failure: null, address: null, port: null },
  ...{ socketPath: null, clientCount: 0, mode: 'shared' },
  options: {
    ...{ startsWithHost: true, port: 5433, socketDirectory: null, idleTransactionMs: 60_000 },
    ...{ tls: 'offered', certificate: null, clientCertificates: null },
    ...{ connectionsMax: 500, stalledClientMs: 60_000, mode: 'shared' },
  },
}

const endpoints: readonly Endpoint[] = [
  off,
  { ...off, state: 'starting' },
  { ...off, state: 'listening', address: '127.0.0.1', port: 5433, clientCount: 3 },
  { ...off, state: 'stopping' },
  {
    ...{ ...off, state: 'failed' },
    failure: {
      code: 'in-use',
      message: 'Another program listens on port 5433 already: choose another port',
    },
  },
  {
    ...{ ...off, state: 'failed' },
    failure: { code: 'permission-denied', message: 'Others may enter the directory /run/db' },
  },
]

const states: readonly EndpointClient['state'][] = [
  ...(['starting', 'idle', 'active', 'waiting'] as const),
  ...(['idle in transaction', 'idle in transaction (aborted)'] as const),
]

const clients = states.map((state, index): EndpointClient => {
  const isLocal = index === 1
  return {
    ...{ id: state, processId: 100_000 + index, role: 'app', database: 'playground', state },
    applicationName: index === 0 ? '' : 'an application with a long name',
    ...{
      address: isLocal ? null : '127.0.0.1',
      port: isLocal ? null : 50_000 + index,
      isEncrypted: index > 2,
      isFork: index > 3,
    },
    ...{ connectedAtMs: 0, stateSinceMs: 0 },
    statement: index === 0 ? null : `select *\nfrom orders where note = '${'long '.repeat(40)}'`,
    waitingFor: state === 'waiting' ? 'migration (postgres, 127.0.0.1:50000)' : null,
  }
})

export function EndpointSections(): ReactElement {
  return (
    <>
      <GallerySection title="Endpoint" isWide>
        {endpoints.map((endpoint, index) => (
          <EndpointHead key={index} endpoint={endpoint} />
        ))}
      </GallerySection>
      <GallerySection title="Settings of an endpoint">
        <OptionsForm endpoint={off} />
      </GallerySection>
      <GallerySection title="Clients of an endpoint" isWide>
        <ClientTable clients={clients} onCancel={nothing} onDisconnect={nothing} />
      </GallerySection>
    </>
  )
}
