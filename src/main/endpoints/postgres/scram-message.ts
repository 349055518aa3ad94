/**
 * Reads the attributes of one SCRAM message, `name=value` with commas between (RFC 5802, section 5.1), and says what is
 * wrong with it in Postgres's own words (libpq/auth-scram.c). Knows no order of attributes.
 */

import type { WorkbenchError } from '../../../contract/error.ts'
import { refusal } from './wire-failure.ts'

export class ScramMessage {
  readonly #text: string
  #at = 0

  /** One character for each byte. Throws 08P01 when there is none, or a NUL. */
  constructor(text: string) {
    if (text === '') throw malformed('The message is empty.')
    if (text.includes('\0')) throw malformed('Message length does not match input length.')
    this.#text = text
  }

  /** How much has been read. */
  get position(): number {
    return this.#at
  }

  /** What has not been read. */
  get rest(): string {
    return this.#text.slice(this.#at)
  }

  /** The next character, which is not taken; '' at the end. */
  peek(): string {
    return this.#text.charAt(this.#at)
  }

  take(): string {
    this.#at += 1
    return this.#text.charAt(this.#at - 1)
  }

  /** The value of the attribute that must come now, with its comma. */
  value(name: string): string {
    if (this.peek() !== name)
      throw malformed(`Expected attribute "${name}" but found "${shown(this.peek())}".`)
    return this.attribute()[1]
  }

  /** Whatever attribute comes now, with its comma. */
  attribute(): readonly [name: string, value: string] {
    const name = this.peek()
    if (name === '') throw malformed('Attribute expected, but found end of string.')
    if (!/[A-Za-z]/.test(name)) {
      throw malformed(`Attribute expected, but found invalid character "${shown(name)}".`)
    }
    this.take()
    if (this.take() !== '=') throw malformed(`Expected character "=" for attribute "${name}".`)
    const comma = this.#text.indexOf(',', this.#at)
    const value = this.#text.slice(this.#at, comma < 0 ? undefined : comma)
    this.#at = comma < 0 ? this.#text.length : comma + 1
    return [name, value]
  }
}

export function malformed(detail: string): WorkbenchError {
  return refusal('08P01', 'malformed SCRAM message', { detail })
}

/** A character as errors name it. */
export function shown(character: string): string {
  if (/[\x21-\x7e]/.test(character)) return `'${character}'`
  return `0x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`
}
