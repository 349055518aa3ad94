/**
 * A Postgres server elsewhere, as an instance: what its user has entered of it, and what a window shows. Passwords
 * are never part of it. No behaviour.
 */

import { boolean, integer, nullable, object, oneOf, optional, string, type Infer } from './schema.ts'

/** As sslmode of libpq (PostgreSQL 18 documentation, section 32.19.3), without `allow`, which protects from nothing. */
export const tlsModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type TlsMode = (typeof tlsModes)[number]

/** Marks by which servers are told apart at a glance; the label says in words what the colour says. */
export const serverColours = ['none', 'accent', 'leaf', 'amber', 'clay'] as const
export type ServerColour = (typeof serverColours)[number]

/** The name of a host has at most 253 characters (RFC 1035); a socket's directory is a path. */
const hostLengthMax = 255
/** Other servers than Postgres, whose own limit is 63 bytes, allow longer names. */
const identifierLengthMax = 256
const filePath = nullable(string(4096, 1))

/** A server's own limit is usually 100, of which others need some. */
export const serverConnectionsMax = 100
/** Consoles of one window, the tree, and a margin. */
export const serverConnectionsDefault = 20

/** A day; who wants it longer wants it without end. */
export const serverIdleMinutesMax = 1_440

export const remoteConnectionSchema = object({
  /** A name, an address, or the absolute path of the directory that a Unix-domain socket is in. */
  host: string(hostLengthMax, 1),
  port: integer(1, 65_535),
  database: string(identifierLengthMax, 1),
  user: string(identifierLengthMax, 1),
  tlsMode: oneOf(...tlsModes),
  /** PEM files on the host's machine: who may have signed the server's certificate, and how to log in with one. */
  caFile: filePath,
  certificateFile: filePath,
  keyFile: filePath,
  /** Transactions are read-only unless SQL says otherwise (default_transaction_read_only). */
  isReadOnly: boolean,
  /** Such as `production`; empty for none. */
  label: string(24),
  colour: oneOf(...serverColours),
  /** Sessions that may be connected at once. */
  connectionsMax: integer(1, serverConnectionsMax),
  /** How long a session keeps its connection without a statement and without a transaction; missing: for ever. */
  idleMinutes: optional(integer(1, serverIdleMinutesMax)),
})
export type RemoteConnection = Infer<typeof remoteConnectionSchema>

/** What is told of a server to every window. */
export const remoteServerSchema = object({
  host: string(hostLengthMax, 1),
  port: integer(1, 65_535),
  database: string(identifierLengthMax, 1),
  user: string(identifierLengthMax, 1),
  tlsMode: oneOf(...tlsModes),
  /** Such as `TLSv1.3`; null when the last connection was not encrypted, or before the first one. */
  encryption: nullable(string(64)),
  isReadOnly: boolean,
  label: string(24),
  colour: oneOf(...serverColours),
})
export type RemoteServer = Infer<typeof remoteServerSchema>
