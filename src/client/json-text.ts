/**
 * A value of type json or jsonb: its text, exactly as Postgres has it, and what it means, parsed when first asked for.
 * The text comes first because JSON.parse rounds numbers that a double cannot hold.
 */

export class JsonText {
  /** Exactly what Postgres printed. */
  readonly text: string
  #value: unknown
  #isParsed = false

  constructor(text: string) {
    this.text = text
  }

  /** What JSON.parse makes of it, kept from then on. */
  get value(): unknown {
    if (!this.#isParsed) {
      this.#value = JSON.parse(this.text)
      this.#isParsed = true
    }
    return this.#value
  }

  toString(): string {
    return this.text
  }

  /** So that a row can be written as JSON again. */
  toJSON(): unknown {
    return this.value
  }
}
