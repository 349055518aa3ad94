/**
 * Rows of the backend as JSON text, straight from their bytes (RowDescription and DataRow: PostgreSQL 18 documentation,
 * section 54.7). No row is made an object on the way, and no value a number. Knows no statement.
 */

import type { SqlFormat } from './sql-call.ts'

/** Types whose text is JSON as it is (pg_type.dat): int2, int4, oid, json, jsonb. */
const jsonTypes: ReadonlySet<number> = new Set([21, 23, 26, 114, 3802])
const boolType = 16
/** float4, float8: JSON, where they are no NaN and not infinite. */
const floatTypes: ReadonlySet<number> = new Set([700, 701])

/** One cell's text as JSON. */
type CellToJson = (text: string) => string

export class SqlRows {
  /** `fields` of a result, as JSON. */
  readonly fields: string
  readonly #isArrayMode: boolean
  /** What comes before each cell of a row, and how the cell is written. */
  readonly #columns: readonly { readonly lead: string; readonly toJson: CellToJson }[]

  /** Of a RowDescription's body; null where a statement has no rows. */
  constructor(description: Buffer | null, { isArrayMode, isRawText }: SqlFormat) {
    const fields = description === null ? [] : readFields(description)
    this.#isArrayMode = isArrayMode
    this.fields = JSON.stringify(fields)
    this.#columns = fields.map(({ name, dataTypeID }, index) => {
      const comma = index === 0 ? '' : ','
      return {
        lead: isArrayMode ? comma : `${comma}${JSON.stringify(name)}:`,
        toJson: isRawText ? quoted : cellToJson(dataTypeID),
      }
    })
  }

  /** Of a DataRow's body. */
  row(body: Buffer): string {
    let json = this.#isArrayMode ? '[' : '{'
    let at = 2
    for (const { lead, toJson } of this.#columns) {
      const length = body.readInt32BE(at)
      at += 4
      json += lead
      if (length < 0) {
        json += 'null'
        continue
      }
      json += toJson(body.toString('utf8', at, at + length))
      at += length
    }
    return json + (this.#isArrayMode ? ']' : '}')
  }
}

interface SqlField {
  readonly name: string
  readonly tableID: number
  readonly columnID: number
  readonly dataTypeID: number
  readonly dataTypeSize: number
  readonly dataTypeModifier: number
  readonly format: 'text'
}

/** Named as node-postgres names them. */
function readFields(body: Buffer): SqlField[] {
  let at = 2
  return Array.from({ length: body.readUInt16BE(0) }, () => {
    const end = body.indexOf(0, at)
    const name = body.toString('utf8', at, end)
    at = end + 19
    return {
      name,
      tableID: body.readUInt32BE(end + 1),
      columnID: body.readInt16BE(end + 5),
      dataTypeID: body.readUInt32BE(end + 7),
      dataTypeSize: body.readInt16BE(end + 11),
      dataTypeModifier: body.readInt32BE(end + 13),
      format: 'text',
    }
  })
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

function cellToJson(typeOid: number): CellToJson {
  if (jsonTypes.has(typeOid)) return (text) => text
  if (typeOid === boolType) return (text) => (text === 't' ? 'true' : 'false')
  if (floatTypes.has(typeOid)) return (text) => (/^-?\d/.test(text) ? text : quoted(text))
  return quoted
}
