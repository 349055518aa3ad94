/**
 * Reads how a server is written down: as `postgres://…` or as `host=… dbname=…` (PostgreSQL 18 documentation, section
 * 32.1.1). Tells apart what is a field, what is the password, and what is of no use here. Connects to nothing.
 */

import { WorkbenchError } from './error.ts'
import { remoteConnectionSchema, serverConnectionsDefault, type RemoteConnection } from './remote-server.ts'

/** Postgres's own. */
export const postgresPort = 5432

/** What a new connection is, until somebody says otherwise. */
export const defaultConnection: RemoteConnection = {
  host: 'localhost',
  port: postgresPort,
  database: 'postgres',
  user: 'postgres',
  tlsMode: 'prefer',
  caFile: null,
  certificateFile: null,
  keyFile: null,
  isReadOnly: false,
  label: '',
  colour: 'none',
  connectionsMax: serverConnectionsDefault,
}

export interface ConnectionText {
  /** What was written; the rest is the reader's to fill. */
  readonly fields: Partial<RemoteConnection>
  /** null: none was written. */
  readonly password: string | null
  /** Parameters that have no effect here, by name. */
  readonly ignored: readonly string[]
}

/** Throws `invalid-argument`, never with the password in its message. */
export function parseConnectionText(text: string): ConnectionText {
  const trimmed = text.trim()
  const pairs = /^postgres(?:ql)?:\/\//i.test(trimmed) ? urlPairs(trimmed) : wordPairs(trimmed)
  return toFields(pairs)
}

type Pairs = readonly (readonly [name: string, value: string])[]

/** User and password, hosts, database, parameters. */
const urlPattern = /^[a-z]+:\/\/(?:([^@/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?(?:#.*)?$/i
const wordPattern = /([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s']*))(?:\s+|$)/giy

function urlPairs(text: string): Pairs {
  const found = urlPattern.exec(text)
  if (!found) throw unreadable()
  const [, login = '', address = '', database = '', parameters = ''] = found
  const colon = login.indexOf(':')
  const user = colon < 0 ? login : login.slice(0, colon)
  const pairs: [string, string][] = [
    ['user', user],
    ...(colon < 0 ? [] : [['password', login.slice(colon + 1)] as [string, string]]),
    ...addressPairs(address),
    ['dbname', database],
    ...parameters.split('&').map((parameter): [string, string] => {
      const [name = '', ...value] = parameter.split('=')
      return [name.toLowerCase(), value.join('=')]
    }),
  ]
  return pairs
    .filter(([name, value]) => name !== '' && value !== '')
    .map(([name, value]) => [name, decoded(value)])
}

function addressPairs(address: string): [string, string][] {
  if (address.includes(',')) {
    throw new WorkbenchError(
      'invalid-argument',
      'Several hosts are written; choose one of them, one for each instance',
    )
  }
  const [, bracketed, plain = '', port = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(address) ?? []
  return [
    ['host', bracketed ?? plain],
    ['port', port],
  ]
}

function wordPairs(text: string): Pairs {
  const pairs: [string, string][] = []
  wordPattern.lastIndex = 0
  let end = 0
  for (let found = wordPattern.exec(text); found; found = wordPattern.exec(text)) {
    const [, name = '', quoted, plain = ''] = found
    pairs.push([name.toLowerCase(), quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, '$1')])
    end = wordPattern.lastIndex
  }
  if (pairs.length === 0 || end < text.length) throw unreadable()
  return pairs.filter(([, value]) => value !== '')
}

/** libpq's names of what is a field here. */
const textFields: Readonly<
  Record<string, 'host' | 'database' | 'user' | 'caFile' | 'certificateFile' | 'keyFile'>
> = {
  host: 'host',
  hostaddr: 'host',
  dbname: 'database',
  database: 'database',
  user: 'user',
  sslrootcert: 'caFile',
  sslcert: 'certificateFile',
  sslkey: 'keyFile',
}

function toFields(pairs: Pairs): ConnectionText {
  const fields: Record<string, unknown> = {}
  const ignored: string[] = []
  let password: string | null = null
  for (const [name, value] of pairs) {
    const field = textFields[name]
    if (name === 'password') password = value
    else if (field) fields[field] = value
    else if (name === 'port') fields['port'] = /^\d+$/.test(value) ? Number(value) : value
    else if (name === 'sslmode') fields['tlsMode'] = value === 'allow' ? 'prefer' : value
    else if (name === 'ssl') fields['tlsMode'] = value === 'true' ? 'require' : 'prefer'
    else ignored.push(name)
  }
  // libpq trusts the system's authorities by that word, which is what is done here without a file.
  if (fields['caFile'] === 'system') delete fields['caFile']
  const checked = remoteConnectionSchema.parse({ ...defaultConnection, ...fields }, 'connection')
  const names = Object.keys(fields) as (keyof RemoteConnection)[]
  return { fields: Object.fromEntries(names.map((name) => [name, checked[name]])), password, ignored }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    const message = 'A % in the address is not followed by two hexadecimal digits; write %25 for a % itself'
    throw new WorkbenchError('invalid-argument', message, { cause: error })
  }
}

function unreadable(): WorkbenchError {
  return new WorkbenchError(
    'invalid-argument',
    'This is no connection string. Write it as postgres://user@host:5432/database or as host=… dbname=… user=…',
  )
}
