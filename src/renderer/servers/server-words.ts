/** How a server, and what a trial of it has found, is told. Pure. */

import type { RemoteTrial } from '../../contract/remote-calls.ts'
import type { RemoteServer, TlsMode } from '../../contract/remote-server.ts'

/** `shop at db.example.org:5432`. */
export function serverAddress({ host, port, database }: RemoteServer): string {
  const place = host.startsWith('/')
    ? `${host} (port ${port})`
    : `${host.includes(':') ? `[${host}]` : host}:${port}`
  return `${database} at ${place}`
}

/** `PostgreSQL 18.4 · TLSv1.3, certificate checked · 12.1 ms away`. */
export function trialWords({
  product,
  serverVersion,
  encryption,
  isVerified,
  roundTripMs,
}: RemoteTrial): string {
  const version = serverVersion === null ? product : `${product} ${serverVersion}`
  const checked = isVerified ? 'certificate checked' : 'certificate not checked'
  const protection = encryption === null ? 'not encrypted' : `${encryption}, ${checked}`
  return `${version} · ${protection} · ${roundTripMs.toFixed(1)} ms away`
}

/** What each mode means, as its user has to choose. */
export const tlsChoices: readonly (readonly [mode: TlsMode, name: string, hint: string])[] = [
  ['prefer', 'Preferred', 'where the server has it'],
  ['require', 'Required', 'whoever answers'],
  ['verify-ca', 'Verify CA', 'who has signed it'],
  ['verify-full', 'Verify all', 'and the name'],
  ['disable', 'Off', ''],
]

/** What the mode has come to, where there is a connection. */
export function protectionWords({ tlsMode, encryption }: RemoteServer, isConnected: boolean): string {
  const name = tlsChoices.find(([mode]) => mode === tlsMode)?.[1] ?? tlsMode
  if (!isConnected) return name.toLowerCase()
  if (encryption === null) return `not encrypted (${name.toLowerCase()})`
  return `${encryption} (${name.toLowerCase()})`
}
