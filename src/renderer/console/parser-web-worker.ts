/**
 * The page's parser worker: splits the text that it was given last, once, and answers which statement a caret
 * means. Knows no editor; the splitting is src/parser's.
 */

import { loadParser } from '../../parser/load-parser.ts'
import { statementAt } from '../../parser/statement-at.ts'
import { splitStatements, type StatementRange } from '../../parser/statement-splitter.ts'
import type { StatementAnswer, StatementQuestion } from './statement-messages.ts'

/** The one text that is kept, and its statements once somebody has asked. */
class KeptText {
  readonly version: string
  readonly #text: string
  #statements: readonly StatementRange[] | null = null

  constructor(version: string, text: string) {
    this.version = version
    this.#text = text
  }

  at(offset: number): StatementRange | null {
    this.#statements ??= splitStatements(this.#text, Infinity).statements
    return statementAt(this.#text, this.#statements, offset)
  }
}

/** Answers questions in the order in which they come. */
class ParserService {
  readonly #post: (answer: StatementAnswer) => void
  #kept = new KeptText('', '')

  constructor(post: (answer: StatementAnswer) => void) {
    this.#post = post
  }

  async ask(question: StatementQuestion): Promise<void> {
    if (question.kind === 'text') {
      this.#kept = new KeptText(question.version, question.text)
      return
    }
    const { id, version, offset } = question
    const kept = this.#kept
    try {
      await loadParser()
      if (kept.version !== version) throw new Error('The text changed meanwhile')
      this.#post({ id, kind: 'found', statement: kept.at(offset) })
    } catch (error) {
      this.#post({ id, kind: 'failed', message: error instanceof Error ? error.message : String(error) })
    }
  }
}

const service = new ParserService((answer) => self.postMessage(answer))
self.addEventListener('message', (event: MessageEvent<StatementQuestion>) => void service.ask(event.data))
