/**
 * How a message's head becomes text and back, and how large a message may be. Every port goes through here, so
 * that what passes over one carrier passes over all of them. Knows no carrier and no meaning of a head.
 */

import { WorkbenchError } from '../contract/error.ts'
import { clientMessageBytesMax, hostMessageBytesMax } from '../contract/limits.ts'
import type { JsonValue, PortMessage } from './port.ts'

/** The size of one message, in bytes: its head as UTF-8 and all its buffers. */
export interface PortLimits {
  readonly sendBytesMax: number
  readonly receiveBytesMax: number
}

/** For the host's end of a port to a client. */
export const hostPortLimits: PortLimits = {
  sendBytesMax: hostMessageBytesMax,
  receiveBytesMax: clientMessageBytesMax,
}

/** For a client's end of a port to the host. */
export const clientPortLimits: PortLimits = {
  sendBytesMax: clientMessageBytesMax,
  receiveBytesMax: hostMessageBytesMax,
}

/** For ports between parts that trust each other, such as a host and its workers. */
export const workerPortLimits: PortLimits = {
  sendBytesMax: hostMessageBytesMax,
  receiveBytesMax: hostMessageBytesMax,
}

/** Buffers beside one head; no row of a contract needs more than one today. */
export const messageBuffersMax = 16

/** A message whose head is text. */
export interface EncodedMessage {
  readonly text: string
  readonly buffers: readonly ArrayBuffer[]
}

/** Checks a message that is about to be sent and encodes its head; throws as `Port.post` promises. */
export function encodeMessage(message: PortMessage, bytesMax: number): EncodedMessage {
  const { head, buffers } = message
  checkBuffers(buffers)
  const text = stringify(head)
  const bytes = messageBytes({ text, buffers }, bytesMax)
  if (bytes > bytesMax) {
    throw new WorkbenchError('limit-exceeded', `A message of ${bytes} bytes is over the limit of ${bytesMax}`)
  }
  return { text, buffers }
}

/** Checks a message that has arrived and decodes its head; throws `invalid-message`. */
export function decodeMessage(encoded: EncodedMessage, bytesMax: number): PortMessage {
  const bytes = messageBytes(encoded, bytesMax)
  if (bytes > bytesMax) throw malformed(`has ${bytes} bytes; at most ${bytesMax} are allowed`)
  if (encoded.buffers.length > messageBuffersMax) throw malformed('has too many buffers')
  try {
    const head: JsonValue = JSON.parse(encoded.text)
    return { head, buffers: encoded.buffers }
  } catch (error) {
    throw malformed('has a head that is not JSON', error)
  }
}

/** The error of a message that does not follow the protocol of its carrier. */
export function malformed(what: string, cause?: unknown): WorkbenchError {
  return new WorkbenchError('invalid-message', `The message ${what}`, { cause })
}

/** Exact when the message may be over `bytesMax`, else an upper bound. */
function messageBytes({ text, buffers }: EncodedMessage, bytesMax: number): number {
  const bufferBytes = buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0)
  // A UTF-16 code unit becomes at most three bytes, so most heads need no counting.
  const upperBound = text.length * 3 + bufferBytes
  return upperBound <= bytesMax ? upperBound : new TextEncoder().encode(text).byteLength + bufferBytes
}

function stringify(head: JsonValue): string {
  let text: string | undefined
  try {
    text = JSON.stringify(head)
  } catch (error) {
    throw new WorkbenchError('invalid-argument', 'The message holds a value that JSON cannot', {
      cause: error,
    })
  }
  if (text === undefined) throw new WorkbenchError('invalid-argument', 'The message has no head')
  return text
}

function checkBuffers(buffers: readonly ArrayBuffer[]): void {
  if (buffers.length === 0) return
  if (buffers.length > messageBuffersMax) {
    throw new WorkbenchError('limit-exceeded', `A message carries at most ${messageBuffersMax} buffers`)
  }
  const usable = buffers.every((buffer) => buffer instanceof ArrayBuffer && !buffer.detached)
  if (!usable || new Set(buffers).size !== buffers.length) {
    throw new WorkbenchError('invalid-argument', 'Each buffer of a message must be whole and given only once')
  }
}
