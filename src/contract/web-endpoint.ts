/**
 * What the workbench tells of its web endpoint, through which pages and programs connect that have no TCP socket: how
 * it is set, whether it listens, and which tokens let in whom. No behaviour.
 */

import { connectionsMaxMax, connectionsMaxMin } from './endpoint.ts'
import { errorCodes } from './error.ts'
import { array, boolean, integer, nullable, object, oneOf, string, type Infer } from './schema.ts'

const id = string(64, 1)
const portMax = 65_535
const pathLengthMax = 4_096

/** The only one there is. */
export const webEndpointId = 'web'

/** Pages that may use it: more are a list that nobody looks through. */
export const allowedOriginsMax = 64
/** A scheme, a name of DNS (253) and a port. */
const originLengthMax = 280

/** Shortest and longest time without a client after which it goes off, in minutes. */
export const idleOffMinutesMin = 1
export const idleOffMinutesMax = 1_440

/** A token is looked for among all of them, in constant time. */
export const webTokensMax = 200
export const tokenLabelLengthMax = 100
/** As many as a person would tick. */
export const tokenInstancesMax = 100
/** Postgres cuts longer names (NAMEDATALEN - 1). */
export const roleNameBytesMax = 63

/** Of a token without a role of its own, by what it may do; made in an instance when the first one comes there. */
export const tokenRoles = { 'read-only': 'wardian_reader', 'read-write': 'wardian_writer' } as const

export const webEndpointOptionsSchema = object({
  /** It is started with the app, and with `wardian serve`. */
  startsWithHost: boolean,
  /** null: a free one is taken at the first start, and kept. */
  port: nullable(integer(1, portMax)),
  /** null: this machine alone (127.0.0.1 and ::1). Any other needs TLS. */
  address: nullable(string(45, 2)),
  /** Other names than localhost under which it is asked for, such as that of its certificate; exact, without a port. */
  hostNames: array(string(253, 1), 16),
  /** Pages of which origins may use it; exact, such as `https://shop.example`. Programs send none. */
  allowedOrigins: array(string(originLengthMax, 8), allowedOriginsMax),
  /** `required`: https and wss, and nothing else. */
  tls: oneOf('off', 'required'),
  /** PEM files. null: one that the endpoint makes for itself. */
  certificate: nullable(
    object({ certificatePath: string(pathLengthMax, 1), keyPath: string(pathLengthMax, 1) }),
  ),
  /** A PEM file of those who sign certificates of clients: nobody gets in without one. null: none are asked for. */
  clientAuthorityPath: nullable(string(pathLengthMax, 1)),
  /** More at once are refused. */
  connectionsMax: integer(connectionsMaxMin, connectionsMaxMax),
  /** It goes off after so long without a client. null: it stays. */
  idleOffMinutes: nullable(integer(idleOffMinutesMin, idleOffMinutesMax)),
  /** permessage-deflate, which costs time and memory, and can tell secrets by lengths. */
  compresses: boolean,
})
export type WebEndpointOptions = Infer<typeof webEndpointOptionsSchema>

export const webEndpointSchema = object({
  id,
  kind: oneOf('web'),
  state: oneOf('off', 'starting', 'listening', 'stopping', 'failed'),
  /** Why it does not listen; null unless the state is `failed`. */
  failure: nullable(object({ code: oneOf(...errorCodes), message: string(65_536) })),
  /** Where it listens, without a path, such as `http://127.0.0.1:5480`; null while it does not. */
  url: nullable(string(512)),
  port: nullable(integer(1, portMax)),
  /** The certificate to trust it by, where nobody else has signed it; null without TLS, too. */
  certificatePath: nullable(string(pathLengthMax)),
  clientCount: integer(0),
  options: webEndpointOptionsSchema,
})
export type WebEndpoint = Infer<typeof webEndpointSchema>

/** Whom a token lets in; all but its secret, which nobody has but whom it was shown to. */
export const webTokenSchema = object({
  id,
  label: string(tokenLabelLengthMax, 1),
  /** null: all, also those that come later. */
  instanceIds: nullable(array(id, tokenInstancesMax)),
  access: oneOf('read-only', 'read-write'),
  role: string(roleNameBytesMax, 1),
  createdAtMs: integer(0),
  /** To the minute. null: never. */
  lastUsedAtMs: nullable(integer(0)),
  /** null: never. */
  expiresAtMs: nullable(integer(0)),
})
export type WebToken = Infer<typeof webTokenSchema>

/** What a new token is to be. */
export const tokenWishSchema = object({
  label: string(tokenLabelLengthMax, 1),
  instanceIds: nullable(array(id, tokenInstancesMax)),
  access: oneOf('read-only', 'read-write'),
  /** null: the one of its access. */
  role: nullable(string(roleNameBytesMax, 1)),
  expiresAtMs: nullable(integer(0)),
})
export type TokenWish = Infer<typeof tokenWishSchema>
