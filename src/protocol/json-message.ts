/**
 * The text messages of the subprotocol `wardian.v1.json` (docs/protocol.md, "Connecting"): one envelope, or an array
 * of them. Knows no envelope's meaning.
 */

import { WorkbenchError } from '../contract/error.ts'

/** The envelopes of a message, unchecked; throws `invalid-message` for what is no JSON. */
export function readJsonMessage(text: string): readonly unknown[] {
  const value = parse(text)
  if (!Array.isArray(value)) return [value]
  if (value.length === 0) throw new WorkbenchError('invalid-message', 'The message has no envelope')
  return value
}

/** One message of all these envelopes, of which there is at least one. */
export function writeJsonMessage(envelopes: readonly unknown[]): string {
  return JSON.stringify(envelopes.length === 1 ? envelopes[0] : envelopes)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new WorkbenchError('invalid-message', 'The message is no JSON', { cause })
  }
}
