/**
 * The numbers and names of the envelope protocol that both sides know (docs/protocol.md): subprotocols, close codes
 * and bounds. Data alone.
 */

export const protocolVersion = 1

/** What a client offers in Sec-WebSocket-Protocol, and the endpoint echoes. */
export const subprotocols = { json: 'wardian.v1.json', msgpack: 'wardian.v1.msgpack' } as const

/** How frames travel. */
export type Encoding = keyof typeof subprotocols

/** Why a socket was closed (docs/protocol.md, "Close codes"). */
export const closeCodes = {
  done: 1000,
  hostStops: 1001,
  messageTooLarge: 1009,
  noEnvelope: 4400,
  unauthorized: 4401,
  helloTimeout: 4408,
  slowReader: 4413,
  tooManyRequests: 4429,
} as const

/** One message of a client: keeps reading it under a few ms. Large data goes in parts, as rows of an INSERT. */
export const messageBytesMax = 1 << 20

/** From the opening of the socket to its hello. */
export const helloTimeMaxMs = 3_000

/** How long before its end a token's end is announced. */
export const authExpiringNoticeMs = 60_000

/**
 * Unanswered requests of one socket; one more closes it. Nothing is read ahead of them: a request costs what it
 * carries, and those together are bounded too.
 */
export const outstandingMax = 1_000

/** Texts that name requests, sessions, statements, cursors and subscriptions. */
export const nameLengthMax = 64

export const idempotencyKeyLengthMax = 128

/** Sessions of one socket: each costs memory of the backend. */
export const sessionsPerSocketMax = 32

/** Of one socket. */
export const cursorsPerSocketMax = 64
export const subscriptionsPerSocketMax = 64

/** Of one session, by name; those that the endpoint prepares by itself do not count. */
export const preparedPerSessionMax = 256

/** `rows` frames that may be sent before the client grants more. */
export const creditDefault = 4
export const creditMax = 64

/** A request without credit for longer ends with `slow_consumer`. */
export const creditWaitMaxMs = 30_000

/** Rows in one `rows` frame of JSON, which is read at once by whoever draws them. */
export const jsonChunkRowsMax = 256
/** Bytes of the rows in one frame: large enough to amortise a hop, small enough for 60 Hz. */
export const chunkBytesTarget = 256 << 10

/** Rows that one `cursor_fetch` may ask for. */
export const cursorFetchRowsMax = 100_000

/** Steps of a batch. */
export const batchStepsMax = 1_000
/** Results of a batch, together: they come in one frame. */
export const batchResultBytesMax = 8 << 20

/** What Postgres tells of its catalogs: 5,000 tables of 20 columns are 16 MiB. It comes in one frame. */
export const introspectionBytesMax = 32 << 20

/** A row must fit into one message. */
export const rowBytesMax = 8 << 20

/** Parameters of a statement: Bind counts them in 16 bits (PostgreSQL 18 documentation, section 54.7). */
export const parametersMax = 65_535

/** What a ping may carry, as JSON. */
export const pingBytesMax = 1 << 10

/** A timer takes no more. */
export const deadlineMaxMs = 2 ** 31 - 1
