/** Where the benchmarks of the envelope protocol connect to, and a client of it. */

import { readFileSync } from 'node:fs'
import { WebSocket } from 'ws'
import type { ConnectOptions } from '../src/client/connect-options.ts'
import { WardianClient } from '../src/client/wardian-client.ts'
import { nativeReaders } from '../src/client/native-readers.ts'

export interface EnvelopeAddress {
  readonly url: string
  readonly port: number
  readonly token: string
  readonly tenant: string
}

function moduleOf(name: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(new URL(`../native-wasm/out/${name}.wasm`, import.meta.url)))
}

/** With WebAssembly, as the package has it. */
export async function openBenchClient(
  { url, token, tenant }: EnvelopeAddress,
  options: Partial<Omit<ConnectOptions, 'tokenProvider'>> = {},
): Promise<WardianClient> {
  const readers = await nativeReaders({
    textReader: moduleOf('text-reader'),
    frameCodec: moduleOf('frame-codec'),
  })
  return WardianClient.open({ url, token, tenant, webSocket: WebSocket, ...options }, readers)
}
