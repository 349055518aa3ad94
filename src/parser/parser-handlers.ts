/**
 * The parser behind its contract, for the entry file of a worker of any environment to serve. Loads the real
 * parser at the first question.
 */

import { loadParser } from './load-parser.ts'
import { scriptStatementsMax } from '../contract/limits.ts'
import { Reply, type Handlers } from '../rpc/handlers.ts'
import type { ParserContract } from './parser-contract.ts'
import { statementAt } from './statement-at.ts'
import { splitStatements, utf8Offsets } from './statement-splitter.ts'

export const parserHandlers: Handlers<ParserContract> = {
  async 'parser.split'({ text }) {
    await loadParser()
    return splitStatements(text, scriptStatementsMax)
  },

  async 'parser.statementAt'({ text, offset }) {
    await loadParser()
    return statementAt(text, splitStatements(text, Infinity).statements, offset)
  },

  async 'parser.splitBytes'(_params, { buffers }) {
    await loadParser()
    const [buffer = new ArrayBuffer(0)] = buffers
    const text = decodeUtf8(buffer)
    if (text === null) return new Reply({ statements: [], total: 0, isValid: false }, [buffer])
    const { statements, total } = splitStatements(text, scriptStatementsMax)
    const bytes = utf8Offsets(
      text,
      statements.flatMap(({ start, length }) => [start, start + length]),
    )
    const located = statements.map(({ start, length }, index) => {
      const byteStart = bytes[index * 2] ?? 0
      return { start, length, byteStart, byteLength: (bytes[index * 2 + 1] ?? 0) - byteStart }
    })
    return new Reply({ statements: located, total, isValid: true }, [buffer])
  },
}

function decodeUtf8(buffer: ArrayBuffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(buffer)
  } catch {
    return null
  }
}
