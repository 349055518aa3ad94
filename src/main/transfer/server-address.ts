/**
 * What a postgres:// URL says: where to connect, as whom, and how it is encrypted (PostgreSQL 18 documentation,
 * section 32.1.1.2). What it says beyond that is refused, and not passed over. Knows no socket.
 */

import { WorkbenchError } from '../../contract/error.ts'
import { tlsModes, type RemoteConnection } from '../../contract/remote-server.ts'

export interface ServerAddress {
  readonly connection: RemoteConnection
  readonly password: string | null
}

const defaultPort = 5432
const schemes = new Set(['postgres:', 'postgresql:'])
/** For programs that do other things than run SQL; they change nothing here. */
const idleParameters = new Set(['application_name', 'connect_timeout', 'channel_binding', 'gssencmode'])

/** Throws `invalid-argument`; the URL itself, which may have a password, is in no message. */
export function parseServerAddress(text: string): ServerAddress {
  const url = parse(text)
  const parameters = new Map(url.searchParams)
  const take = (name: string): string | null => {
    const value = parameters.get(name) ?? null
    parameters.delete(name)
    return value === '' ? null : value
  }
  const user = decodeURIComponent(url.username) || (take('user') ?? 'postgres')
  const connection: RemoteConnection = {
    host: hostOf(url) || (take('host') ?? 'localhost'),
    port: portOf(url.port || take('port')),
    database: decodeURIComponent(url.pathname.slice(1)) || (take('dbname') ?? user),
    user,
    tlsMode: tlsModeOf(take('sslmode')),
    caFile: take('sslrootcert'),
    certificateFile: take('sslcert'),
    keyFile: take('sslkey'),
    ...{ isReadOnly: false, label: '', colour: 'none', connectionsMax: 1 },
  }
  const password = decodeURIComponent(url.password) || take('password')
  const [unknown] = [...parameters.keys()].filter((name) => !idleParameters.has(name))
  if (unknown !== undefined) refuse(`it has the parameter ${unknown}, which is not known here; leave it out`)
  return { connection, password }
}

function parse(text: string): URL {
  const url = URL.parse(text)
  if (!url || !schemes.has(url.protocol)) refuse('it is not postgres://user:password@host:port/database')
  if (url.hash !== '') refuse('it has a #, which has to be written %23')
  return url
}

function hostOf({ hostname }: URL): string {
  const host = decodeURIComponent(hostname)
  return host.startsWith('[') ? host.slice(1, -1) : host
}

function portOf(text: string | null): number {
  if (text === null) return defaultPort
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  return refuse('its port is not a number from 1 to 65535')
}

function tlsModeOf(text: string | null): RemoteConnection['tlsMode'] {
  // `allow` protects from as little as `prefer`, which it is taken for.
  const wanted = text === null || text === 'allow' ? 'prefer' : text
  return tlsModes.find((mode) => mode === wanted) ?? refuse(`sslmode has to be one of ${tlsModes.join(', ')}`)
}

function refuse(why: string): never {
  throw new WorkbenchError('invalid-argument', `The address of the server cannot be used: ${why}`)
}
