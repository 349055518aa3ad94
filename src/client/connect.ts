/** `connect`: where a program begins. Chooses how columns are read, and opens a client. */

import { createTwinTextReader } from '../../native-wasm/js/twin-text-reader.ts'
import type { TextReader } from '../../native-wasm/js/text-reader.ts'
import { createTextReader } from '../../native-wasm/js/wasm-text-reader.ts'
import { bytesOf } from './base64-text.ts'
import type { ConnectOptions } from './connect-options.ts'
import { nativeModuleBase64 } from './native-module.ts'
import { WardianClient } from './wardian-client.ts'

/**
 * Connects to the web endpoint of a Wardian host. Rejects with a WardianError if that is not possible now: later, lost
 * connections are made again by themselves.
 */
export async function connect(options: ConnectOptions): Promise<WardianClient> {
  return WardianClient.open(options, await textReader())
}

async function textReader(): Promise<TextReader> {
  if (nativeModuleBase64 === '') return createTwinTextReader('The sources have no module')
  return createTextReader(bytesOf(nativeModuleBase64))
}
