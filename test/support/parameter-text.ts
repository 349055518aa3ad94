/** The text that the client sends for a value, for tests of what comes back. */

import { present } from '../../src/base/assert.ts'
import { wireParameters } from '../../src/client/parameter-text.ts'

/** Of a value that is sent as text. */
export function parameterText(value: unknown): string {
  const [text] = wireParameters([value], true)
  return present(typeof text === 'string' ? text : null, 'a text')
}
