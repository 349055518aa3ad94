/**
 * Where a server of the suite is: given by URL, or printed as a line of JSON by the command that started it. Knows
 * no protocol.
 */

export interface ServerAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly tls?: boolean
}

/** `postgres://user:password@host:port/database`, with `?sslmode=require` for TLS. */
export function addressOfUrl(text: string): ServerAddress {
  const url = new URL(text)
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    tls: url.searchParams.get('sslmode') === 'require',
  }
}

/** For libraries that take one. */
export function urlOfAddress({ host, port, user, password, database, tls }: ServerAddress): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
  const mode = tls ? '?sslmode=require' : ''
  return `postgres://${login}@${host}:${port}/${encodeURIComponent(database)}${mode}`
}
