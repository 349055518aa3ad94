/**
 * How one connects to an endpoint, in the words of the programs that do: what is copied and pasted. Pure; what it
 * makes has the password in it.
 */

import type { ConnectionFormKind, EndpointConnection } from '../../../contract/endpoint.ts'

/** Where and as whom to connect. */
export type ConnectionTarget = Omit<EndpointConnection, 'forms'> & {
  /** Where the endpoint demands TLS: the certificate to trust, null where somebody else has signed it. */
  readonly tls: { readonly certificatePath: string | null } | null
}

/** The target with every form there is for it. */
export function withForms({ tls, ...target }: ConnectionTarget): EndpointConnection {
  const url = connectionUrl(target, tls)
  const forms: { kind: ConnectionFormKind; text: string }[] = [
    { kind: 'url', text: url },
    { kind: 'psql', text: psqlCommand(target, tls) },
    { kind: 'jdbc', text: jdbcUrl(target, tls) },
    { kind: 'node', text: `new pg.Pool({ connectionString: ${JSON.stringify(url)} })` },
    { kind: 'env', text: `DATABASE_URL="${url}"` },
  ]
  const { socketPath } = target
  if (socketPath !== null) forms.push({ kind: 'socket', text: socketUrl(target, socketPath) })
  return { ...target, forms }
}

/** PostgreSQL 18 documentation, section 32.1.1.2; node-postgres and most others read the same. */
function connectionUrl(target: Omit<EndpointConnection, 'forms'>, tls: ConnectionTarget['tls']): string {
  const { host, port, role, database } = target
  const place = `${hostInUrl(host)}:${port}/${pathSegment(database)}`
  const user = `${encodeURIComponent(role)}:${encodeURIComponent(target.password)}`
  return `postgres://${user}@${place}${tlsQuery('?', tls)}`
}

function jdbcUrl(target: Omit<EndpointConnection, 'forms'>, tls: ConnectionTarget['tls']): string {
  const { host, port, role, password, database } = target
  const place = `${hostInUrl(host)}:${port}/${encodeURIComponent(database)}`
  const login = `user=${encodeURIComponent(role)}&password=${encodeURIComponent(password)}`
  return `jdbc:postgresql://${place}?${login}${tlsQuery('&', tls)}`
}

/** The directory of the socket is the host (PostgreSQL 18 documentation, section 32.1.2, host). */
function socketUrl(target: Omit<EndpointConnection, 'forms'>, socketPath: string): string {
  const { port, role, password, database } = target
  const user = `${encodeURIComponent(role)}:${encodeURIComponent(password)}`
  const query = `host=${encodeURIComponent(socketDirectoryOf(socketPath))}&port=${port}`
  return `postgres://${user}@/${pathSegment(database)}?${query}`
}

/** The password stands in the environment: other users may read the arguments of a program. */
function psqlCommand(target: Omit<EndpointConnection, 'forms'>, tls: ConnectionTarget['tls']): string {
  const { host, port, role, password, database } = target
  const environment = `${tlsEnvironment(tls)}PGPASSWORD=${shellWord(password)} `
  const place = `-h ${shellWord(host)} -p ${port} -U ${shellWord(role)}`
  // psql takes a name with an equals sign or a scheme for a whole connection string.
  const isPlain = !/=|:\/\//.test(database) && !database.startsWith('-')
  return isPlain
    ? `${environment}psql ${place} -d ${shellWord(database)}`
    : `${environment}PGDATABASE=${shellWord(database)} psql ${place}`
}

function tlsEnvironment(tls: ConnectionTarget['tls']): string {
  if (tls === null) return ''
  const { certificatePath } = tls
  if (certificatePath === null) return 'PGSSLMODE=require '
  return `PGSSLMODE=verify-full PGSSLROOTCERT=${shellWord(certificatePath)} `
}

/** A certificate that somebody else has signed is not verified: who may sign is not known here. */
function tlsQuery(first: '?' | '&', tls: ConnectionTarget['tls']): string {
  if (tls === null) return ''
  const { certificatePath } = tls
  if (certificatePath === null) return `${first}sslmode=require`
  return `${first}sslmode=verify-full&sslrootcert=${encodeURIComponent(certificatePath)}`
}

function socketDirectoryOf(socketPath: string): string {
  return socketPath.slice(0, socketPath.lastIndexOf('/'))
}

/**
 * Only what has to be escaped in a path is (RFC 3986, section 3.3): node-postgres reads it with decodeURI, which
 * leaves every escaped delimiter as it is.
 */
function pathSegment(text: string): string {
  return encodeURIComponent(text).replace(/%(?:26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent)
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** One word for a POSIX shell, whatever it is made of. */
function shellWord(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll(`'`, `'\\''`)}'`
}
