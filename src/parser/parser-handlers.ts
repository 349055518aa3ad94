/**
 * The parser behind its contract, for the entry file of a worker of any environment to serve. Loads the real
 * parser at the first question.
 */

import { loadParser } from './load-parser.ts'
import { scriptStatementsMax } from '../contract/limits.ts'
import { Reply, type Handlers } from '../rpc/handlers.ts'
import type { ParserContract } from './parser-contract.ts'
import { dangerOf } from './statement-danger.ts'
import { identityOf } from './statement-identity.ts'
import { statementAt } from './statement-at.ts'
import { splitStatements, utf8Offsets, type StatementRange } from './statement-splitter.ts'

export const parserHandlers: Handlers<ParserContract> = {
  async 'parser.split'({ text }) {
    await loadParser()
    return splitStatements(text, scriptStatementsMax)
  },

  async 'parser.statementAt'({ text, offset }) {
    await loadParser()
    return statementAt(text, splitStatements(text, Infinity).statements, offset)
  },

  async 'parser.danger'({ texts }) {
    await loadParser()
    return texts.map(dangerOf)
  },

  async 'parser.identify'({ texts }) {
    await loadParser()
    return texts.map(identityOf)
  },

  async 'parser.splitBytes'(_params, { buffers }) {
    await loadParser()
    const [buffer = new ArrayBuffer(0)] = buffers
    const text = decodeUtf8(buffer)
    if (text === null) return new Reply({ total: 0, isValid: false }, [buffer])
    const { statements, total } = splitStatements(text, scriptStatementsMax)
    return new Reply({ total, isValid: true }, [buffer, locate(text, statements)])
  },
}

/** Where the statements lie, as parser-contract.ts has it. */
function locate(text: string, statements: readonly StatementRange[]): ArrayBuffer {
  const ends = statements.flatMap(({ start, length }) => [start, start + length])
  const bytes = utf8Offsets(text, ends)
  const places = new Uint32Array(statements.length * 4)
  statements.forEach(({ start, length }, index) => {
    const [byteStart = 0, byteEnd = 0] = bytes.slice(index * 2, index * 2 + 2)
    places.set([start, length, byteStart, byteEnd - byteStart], index * 4)
  })
  return places.buffer
}

function decodeUtf8(buffer: ArrayBuffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(buffer)
  } catch {
    return null
  }
}
