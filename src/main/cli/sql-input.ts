/**
 * Where the SQL of `wardian query` comes from: the argument, stdin or a file; and how a text of any allowed size
 * gets to the host.
 */

import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { WorkbenchError } from '../../contract/error.ts'
import { textBytesMax, textPartBytesMax } from '../../contract/limits.ts'
import type { Infer } from '../../contract/schema.ts'
import type { sqlSourceSchema } from '../../contract/statement.ts'
import { UsageError } from './exit-code.ts'
import type { WorkbenchClient } from './host-connection.ts'
import type { Terminal } from './terminal.ts'

/** UTF-8 needs at most this many bytes for one UTF-16 code unit. */
const bytesPerCodeUnitMax = 3

/** Exactly one of the two, or throws a UsageError. `-` as argument is stdin. */
export async function readSql(
  terminal: Terminal,
  from: { readonly argument: string | undefined; readonly file: string | undefined },
): Promise<string> {
  if (from.argument !== undefined && from.file !== undefined) {
    throw new UsageError('Give the SQL either as an argument or with --file, not both')
  }
  if (from.file !== undefined) return readText(createReadStream(from.file), from.file)
  if (from.argument === undefined) {
    throw new UsageError("Give the SQL as an argument, with --file FILE, or '-' to read it from stdin")
  }
  if (from.argument !== '-') return from.argument
  if (terminal.isInputTerminal) terminal.note('Reading SQL from the terminal; end it with Ctrl+D')
  return readText(terminal.input, 'stdin')
}

/** Hands `sql` to the host: within the request when it is short, in parts before it otherwise. */
export async function uploadSql(
  client: WorkbenchClient,
  sql: string,
): Promise<Infer<typeof sqlSourceSchema>> {
  if (sql.length * bytesPerCodeUnitMax <= textPartBytesMax) return { kind: 'inline', text: sql }
  const bytes = new TextEncoder().encode(sql)
  if (bytes.byteLength > textBytesMax) throw tooLong()
  const textId = randomUUID()
  const partCount = Math.ceil(bytes.byteLength / textPartBytesMax)
  for (let partIndex = 0; partIndex < partCount; partIndex++) {
    const part = bytes.slice(partIndex * textPartBytesMax, (partIndex + 1) * textPartBytesMax)
    const params = { textId, partIndex, isLast: partIndex === partCount - 1 }
    await client.call('text.upload', params, { buffers: [part.buffer] })
  }
  return { kind: 'uploaded', textId }
}

async function readText(stream: Readable, name: string): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      bytes += part.length
      if (bytes > textBytesMax) throw tooLong()
      parts.push(part)
    }
  } catch (error) {
    if (error instanceof WorkbenchError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new WorkbenchError('invalid-argument', `${name} could not be read: ${why}`, { cause: error })
  }
  return decode(Buffer.concat(parts), name)
}

function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new WorkbenchError(
      'invalid-argument',
      `${name} is not UTF-8: convert it first, such as with iconv`,
      {
        cause: error,
      },
    )
  }
}

function tooLong(): WorkbenchError {
  return new WorkbenchError('limit-exceeded', `A script may have at most ${textBytesMax >> 20} MB; split it`)
}
