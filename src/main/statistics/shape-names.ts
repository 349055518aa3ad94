/**
 * What shapes are called: asked of the parser's thread once for each, and remembered. Knows no count.
 */

import { statementTextLengthMax } from '../../contract/statistics.ts'
import type { ParserClient } from '../parser/parser-client.ts'
import type { KnownStatement } from './pending-parts.ts'
import type { NewShape } from './statement-deltas.ts'
import { otherShapeKey } from './statement-recorder.ts'

/** Several times what recorders know at once. */
const namesMax = 20_000
/** As the parser's contract has it. */
const askedMax = 64

const other: KnownStatement = {
  fingerprint: 'other',
  text: '(statements of too many different kinds)',
}

export class ShapeNames {
  readonly #parser: Pick<ParserClient, 'identify'>
  readonly #names = new Map<number, KnownStatement>([[otherShapeKey, other]])
  readonly #decoder = new TextDecoder()

  constructor(parser: Pick<ParserClient, 'identify'>) {
    this.#parser = parser
  }

  /** Those that were never learned are among the others. */
  of(key: number): KnownStatement {
    return this.#names.get(key) ?? other
  }

  /** Rejects with what the parser fails with. */
  async learn(shapes: readonly NewShape[]): Promise<void> {
    const unknown = shapes.filter(({ key }) => !this.#names.has(key))
    for (let at = 0; at < unknown.length; at += askedMax) await this.#ask(unknown.slice(at, at + askedMax))
  }

  async #ask(shapes: readonly NewShape[]): Promise<void> {
    const texts = shapes.map(({ text }) => this.#decoder.decode(text))
    const identities = await this.#parser.identify(texts)
    shapes.forEach(({ key, isCut }, index) => {
      const { fingerprint = null, text = '' } = identities[index] ?? {}
      const hasName = fingerprint !== null && !isCut
      this.#remember(key, {
        fingerprint: hasName ? fingerprint : `text-${key.toString(16)}`,
        text: text.slice(0, statementTextLengthMax - 1) + (isCut ? '…' : ''),
      })
    })
  }

  #remember(key: number, name: KnownStatement): void {
    // The one that was learned first, but for the others.
    const [, oldest] = this.#names.keys()
    if (this.#names.size >= namesMax && oldest !== undefined) this.#names.delete(oldest)
    this.#names.set(key, name)
  }
}
