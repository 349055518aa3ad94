/** `connect`: where a program begins. Chooses how columns and frames are read, and opens a client. */

import { bytesOf } from './base64-text.ts'
import type { ConnectOptions } from './connect-options.ts'
import { frameCodecBase64, textReaderBase64 } from './native-module.ts'
import { nativeReaders, scriptReaders, type NativeReaders } from './native-readers.ts'
import { WardianClient } from './wardian-client.ts'

/**
 * Connects to the web endpoint of a Wardian host. Rejects with a WardianError if that is not possible now: later, lost
 * connections are made again by themselves.
 */
export async function connect(options: ConnectOptions): Promise<WardianClient> {
  return WardianClient.open(options, await readers())
}

async function readers(): Promise<NativeReaders> {
  if (textReaderBase64 === '') return scriptReaders('The sources have no module')
  return nativeReaders({ textReader: bytesOf(textReaderBase64), frameCodec: bytesOf(frameCodecBase64) })
}
