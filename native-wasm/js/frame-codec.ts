/**
 * The seam of the frame codec: what of a socket's binary messages WebAssembly writes and takes apart (docs/protocol.md,
 * "Connecting"). Whoever uses it has means of its own for whatever this answers null to, which are its twin.
 */

/** What was found in a message, until the next one: `framePartWords` of layout.ts for each part. */
export interface FoundParts {
  readonly count: number
  readonly words: Uint32Array
}

/** Where an id lies in a header. */
export interface IdPlace {
  readonly idAt: number
  readonly idEnd: number
}

export interface FrameCodec {
  /**
   * The MessagePack of `value`, valid until the next call. Null where there is more to it than texts, null, booleans,
   * whole numbers below 2^29, lists and plain objects, or too much of them.
   */
  encode(value: unknown): Uint8Array | null
  /** Null where the message is large, or is none. */
  split(message: Uint8Array): FoundParts | null
  /**
   * Recognises a header of the message that was taken apart last, with any other number as its id; answers under which
   * index, in place of whatever had that. Null where it is not worth it.
   */
  remember(part: number, place: IdPlace): number | null
}

/** One for each socket, since it knows its headers; null where there is none to be had. */
export type MakeFrameCodec = () => FrameCodec | null

/** Of programs that have no WebAssembly, or do not want it. */
export const noFrameCodec: MakeFrameCodec = () => null
