/** What the host and the thread of an earlier PGlite say to each other. Data only. */

import type { WireError } from '../../contract/error.ts'

/** Words of the shared memory beside the port. */
export const earlierWords = {
  /** Counts the pieces of output that the host has taken. */
  taken: 0,
} as const

/** Pieces, of 8 KB each, that may be under way before the backend waits. */
export const earlierPiecesMax = 64

export interface EarlierEngineStart {
  readonly words: SharedArrayBuffer
  /** Is written to: recovery, and what a clean end writes. */
  readonly directory: string
}

/** Whole or cut frontend messages. */
export type EarlierEngineInput = Uint8Array

export type EarlierEngineMessage =
  | {
      readonly kind: 'ready'
      readonly parameters: readonly (readonly [string, string])[]
      readonly database: string
    }
  | { readonly kind: 'output'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'failed'; readonly error: WireError }
