/**
 * What the headers of a request to `/sql` say: who calls, which database, and how the answer is to look (as
 * `@neondatabase/serverless` 1.2 sends them). Hostile input becomes a refusal that names the header, never its value.
 */

import type { IncomingHttpHeaders } from 'node:http'
import { startUpSettings, type StartUpSettings } from '../postgres/start-up-settings.ts'
import { refusal } from '../postgres/wire-failure.ts'

/** A call before anything of its body is known. */
export interface SqlCall {
  readonly start: StartUpSettings
  /** What proves who calls: the bearer token if there is one, else the password. */
  readonly token: string
  readonly format: SqlFormat
  /** What a batch begins with. */
  readonly begin: string
}

/** How rows look. */
export interface SqlFormat {
  /** Arrays rather than objects. */
  readonly isArrayMode: boolean
  /** Every value as the text that Postgres prints; else numbers, booleans and JSON as JSON has them. */
  readonly isRawText: boolean
}

/** Headers besides those that every page may send. */
export const sqlHeaders = [
  ...['neon-connection-string', 'neon-raw-text-output', 'neon-array-mode'],
  ...['neon-batch-isolation-level', 'neon-batch-read-only', 'neon-batch-deferrable'],
] as const

type SqlHeader = (typeof sqlHeaders)[number]

/** Values of Neon-Batch-Isolation-Level. */
const isolationLevels: ReadonlyMap<string, string> = new Map([
  ['ReadUncommitted', 'READ UNCOMMITTED'],
  ['ReadCommitted', 'READ COMMITTED'],
  ['RepeatableRead', 'REPEATABLE READ'],
  ['Serializable', 'SERIALIZABLE'],
])

/** Parameters of a connection string that are the session's; others tell a client what to do. */
const sessionParameters = ['application_name', 'options'] as const

/** Throws 08P01 for what is no such call, and as `startUpSettings`. */
export function readSqlCall(headers: IncomingHttpHeaders): SqlCall {
  const url = connectionUrl(valueOf(headers, 'neon-connection-string'))
  const parameters = new Map([
    ['user', decoded(url.username) || 'token'],
    ['database', decoded(url.pathname.slice(1))],
    // Bodies are read and answers written in it.
    ['client_encoding', 'UTF8'],
  ])
  for (const name of sessionParameters) {
    const value = url.searchParams.get(name)
    if (value !== null) parameters.set(name, value)
  }
  return {
    start: startUpSettings(parameters),
    token: bearer(headers.authorization) ?? decoded(url.password),
    format: {
      isArrayMode: isTrue(headers, 'neon-array-mode'),
      isRawText: isTrue(headers, 'neon-raw-text-output'),
    },
    begin: beginOf(headers),
  }
}

function beginOf(headers: IncomingHttpHeaders): string {
  const parts = ['BEGIN']
  const level = valueOf(headers, 'neon-batch-isolation-level')
  if (level !== '') {
    const name = isolationLevels.get(level)
    if (name === undefined)
      throw invalid('Neon-Batch-Isolation-Level', [...isolationLevels.keys()].join(', '))
    parts.push(`ISOLATION LEVEL ${name}`)
  }
  if (isTrue(headers, 'neon-batch-read-only')) parts.push('READ ONLY')
  if (isTrue(headers, 'neon-batch-deferrable')) parts.push('DEFERRABLE')
  return parts.join(' ')
}

/** As the client reads it: a URL of another scheme whose host it does not look at. */
function connectionUrl(text: string): URL {
  const [, rest] = /^postgres(?:ql)?:(\/\/.*)$/s.exec(text) ?? []
  const url = rest === undefined ? null : URL.parse(`http:${rest}`)
  if (url !== null) return url
  throw invalid('Neon-Connection-String', 'postgres://USER:TOKEN@HOST/DATABASE')
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (cause) {
    const message = 'the header Neon-Connection-String is not escaped as a URL is'
    throw refusal('08P01', message, { cause })
  }
}

function bearer(authorization: string | undefined): string | null {
  if (authorization === undefined) return null
  const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? []
  if (token === undefined) throw invalid('Authorization', 'Bearer TOKEN')
  return token
}

function isTrue(headers: IncomingHttpHeaders, name: SqlHeader): boolean {
  return valueOf(headers, name).toLowerCase() === 'true'
}

function valueOf(headers: IncomingHttpHeaders, name: SqlHeader): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

function invalid(header: string, expected: string): Error {
  return refusal('08P01', `the header ${header} must be ${expected}`)
}
