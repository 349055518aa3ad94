/**
 * Writes the messages of many small requests into one buffer (PostgreSQL 18 documentation, section 54.7), since each
 * piece that is handed on costs more than what is in it. Knows no state of a conversation.
 */

const bufferBytesMin = 16 << 10
/** A larger one is not kept: one huge statement should not cost memory for ever. */
const bufferBytesKept = 256 << 10
/** UTF-8 of one UTF-16 code unit. */
const bytesPerUnitMax = 3

const binary = 1

/** What Bind says. */
export interface Binding {
  readonly statement: string
  /** Texts, NULLs, and what is sent in binary format. */
  readonly params: readonly (string | null | Uint8Array)[]
  /** A format code for each column, as they stand in Bind; empty: all are text. */
  readonly resultFormats: Uint8Array
}

export class FrontendWriter {
  #buffer = Buffer.allocUnsafe(bufferBytesMin)
  #at = 0
  #lengthAt = 0

  get isEmpty(): boolean {
    return this.#at === 0
  }

  get byteLength(): number {
    return this.#at
  }

  /** Prepares a statement; types that are left out, or 0, Postgres infers. */
  parse(statement: string, sql: string, types: readonly number[] = []): void {
    this.#begin('P')
    this.#text(statement)
    this.#text(sql)
    this.#reserve(2 + 4 * types.length)
    this.#int16(types.length)
    for (const type of types) this.#int32(type)
    this.#end()
  }

  describeStatement(statement: string): void {
    this.#named('D', 'S', statement)
  }

  closeStatement(statement: string): void {
    this.#named('C', 'S', statement)
  }

  /** Binds the unnamed portal. */
  bind({ statement, params, resultFormats }: Binding): void {
    this.#begin('B')
    this.#text('')
    this.#text(statement)
    const hasBinary = params.some((param) => typeof param === 'object' && param !== null)
    this.#reserve(4 + 2 * params.length)
    this.#int16(hasBinary ? params.length : 0)
    if (hasBinary) for (const param of params) this.#int16(param instanceof Uint8Array ? binary : 0)
    this.#int16(params.length)
    for (const param of params) this.#param(param)
    this.#reserve(2 + resultFormats.length)
    this.#int16(resultFormats.length / 2)
    this.#buffer.set(resultFormats, this.#at)
    this.#at += resultFormats.length
    this.#end()
  }

  /** Executes the unnamed portal; 0 rows means all. */
  execute(rowsMax = 0): void {
    this.#begin('E')
    this.#text('')
    this.#reserve(4)
    this.#int32(rowsMax)
    this.#end()
  }

  sync(): void {
    this.#begin('S')
    this.#end()
  }

  /** A simple query. */
  query(sql: string): void {
    this.#begin('Q')
    this.#text(sql)
    this.#end()
  }

  copyFail(reason: string): void {
    this.#begin('f')
    this.#text(reason)
    this.#end()
  }

  /** Everything since the last time, in memory of its own. */
  take(): Uint8Array {
    const bytes = new Uint8Array(this.#buffer.subarray(0, this.#at))
    this.#at = 0
    if (this.#buffer.length > bufferBytesKept) this.#buffer = Buffer.allocUnsafe(bufferBytesMin)
    return bytes
  }

  #named(type: string, kind: string, name: string): void {
    this.#begin(type)
    this.#reserve(1)
    this.#buffer[this.#at++] = kind.charCodeAt(0)
    this.#text(name)
    this.#end()
  }

  #begin(type: string): void {
    this.#reserve(5)
    this.#buffer[this.#at++] = type.charCodeAt(0)
    this.#lengthAt = this.#at
    this.#at += 4
  }

  #end(): void {
    this.#buffer.writeUInt32BE(this.#at - this.#lengthAt, this.#lengthAt)
  }

  #text(text: string): void {
    this.#reserve(bytesPerUnitMax * text.length + 1)
    this.#at += this.#buffer.write(text, this.#at)
    this.#buffer[this.#at++] = 0
  }

  #param(param: string | null | Uint8Array): void {
    this.#reserve(4 + (param === null ? 0 : bytesPerUnitMax * param.length))
    const lengthAt = this.#at
    this.#at += 4
    if (param === null) this.#buffer.writeInt32BE(-1, lengthAt)
    else {
      if (typeof param === 'string') this.#at += this.#buffer.write(param, this.#at)
      else {
        this.#buffer.set(param, this.#at)
        this.#at += param.length
      }
      this.#buffer.writeInt32BE(this.#at - lengthAt - 4, lengthAt)
    }
  }

  #int16(value: number): void {
    this.#buffer.writeUInt16BE(value, this.#at)
    this.#at += 2
  }

  #int32(value: number): void {
    this.#buffer.writeUInt32BE(value, this.#at)
    this.#at += 4
  }

  #reserve(count: number): void {
    if (this.#buffer.length - this.#at >= count) return
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, this.#at + count))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}
