/** Where the benchmarks of the envelope protocol connect to, and a client of it. */

import { readFileSync } from 'node:fs'
import { WebSocket } from 'ws'
import type { ConnectOptions } from '../src/client/connect-options.ts'
import { WardianClient } from '../src/client/wardian-client.ts'
import { createTextReader } from '../native-wasm/js/wasm-text-reader.ts'

export interface EnvelopeAddress {
  readonly url: string
  readonly port: number
  readonly token: string
  readonly tenant: string
}

/** With the WebAssembly reader, as the package has it. */
export async function openBenchClient(
  { url, token, tenant }: EnvelopeAddress,
  options: Partial<Omit<ConnectOptions, 'tokenProvider'>> = {},
): Promise<WardianClient> {
  const module = readFileSync(new URL('../native-wasm/out/text-reader.wasm', import.meta.url))
  const texts = await createTextReader(Uint8Array.from(module))
  return WardianClient.open({ url, token, tenant, webSocket: WebSocket, ...options }, texts)
}
