/** What a client has of WebAssembly, or of JavaScript in its place. Knows no connection. */

import { noFrameCodec, type MakeFrameCodec } from '../../native-wasm/js/frame-codec.ts'
import type { TextReader } from '../../native-wasm/js/text-reader.ts'
import { createTwinTextReader } from '../../native-wasm/js/twin-text-reader.ts'
import { compileFrameCodec } from '../../native-wasm/js/wasm-frame-codec.ts'
import { createTextReader } from '../../native-wasm/js/wasm-text-reader.ts'

export interface NativeReaders {
  /** Reads columns of texts. */
  readonly texts: TextReader
  /** Helps with the frames of a socket. */
  readonly makeFrameCodec: MakeFrameCodec
}

/** The bytes of the modules of native-wasm. */
export interface NativeModules {
  readonly textReader: Uint8Array<ArrayBuffer>
  readonly frameCodec: Uint8Array<ArrayBuffer>
}

/** Of JavaScript alone; `why` is the text reader's reason. */
export function scriptReaders(why: string | null = null): NativeReaders {
  return { texts: createTwinTextReader(why), makeFrameCodec: noFrameCodec }
}

/** Each of JavaScript where WebAssembly does not work. Never rejects. */
export async function nativeReaders({ textReader, frameCodec }: NativeModules): Promise<NativeReaders> {
  const [texts, makeFrameCodec] = await Promise.all([
    createTextReader(textReader),
    compileFrameCodec(frameCodec),
  ])
  return { texts, makeFrameCodec }
}
