/** What the host and the thread of pg_dump say to each other. Data only. */

/** Words of the shared memory beside the port. */
export const dumpWords = {
  /** Counts what the host has posted: the thread sleeps on it. */
  inbox: 0,
  /** Counts the pieces of output that the host has passed on. */
  passedOn: 1,
} as const

/** Pieces of output that may be under way before pg_dump waits: some, so that neither side waits for the other. */
export const outputPiecesMax = 8

export interface PgDumpStart {
  readonly words: SharedArrayBuffer
  readonly arguments: readonly string[]
  readonly role: string
  readonly database: string
  /** What a server answers a start-up packet with, up to and with ReadyForQuery. */
  readonly greeting: Uint8Array
}

export type PgDumpMessage =
  /** Frontend bytes. */
  | { readonly kind: 'send'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** It waits for backend bytes. */
  | { readonly kind: 'want' }
  /** A piece of the dump. */
  | { readonly kind: 'output'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** A line that pg_dump has written to stderr. */
  | { readonly kind: 'remark'; readonly text: string }
  | { readonly kind: 'ended'; readonly exitCode: number }

/** The answer to `want`; null where there will be none. */
export type PgDumpInput = Uint8Array | null
