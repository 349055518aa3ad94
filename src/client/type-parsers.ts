/**
 * What a value of each type becomes: the one table behind the README's. Nothing is rounded: what no JavaScript value
 * holds exactly stays text. Knows no result.
 */

import { columnKinds, type ColumnKind } from '../contract/column-batch.ts'
import { parseArray } from './array-text.ts'
import { hexOrEscapedBytes } from './bytea-text.ts'
import { JsonText } from './json-text.ts'

/** Makes a value of the text that Postgres prints. */
export type TypeParser = (text: string) => unknown

/** OIDs of built-in types (src/include/catalog/pg_type.dat of PostgreSQL 18). */
export const typeOids = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  xid: 28,
  cid: 29,
  json: 114,
  float4: 700,
  float8: 701,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  interval: 1186,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
} as const

const asText: TypeParser = (text) => text
const asNumber: TypeParser = (text) => Number(text)

/** Types whose values are no text in JavaScript. */
const elements: ReadonlyMap<number, TypeParser> = new Map<number, TypeParser>([
  [typeOids.bool, (text) => text === 't'],
  [typeOids.bytea, hexOrEscapedBytes],
  [typeOids.int8, (text) => BigInt(text)],
  [typeOids.int2, asNumber],
  [typeOids.int4, asNumber],
  [typeOids.oid, asNumber],
  [typeOids.xid, asNumber],
  [typeOids.cid, asNumber],
  [typeOids.float4, asNumber],
  [typeOids.float8, asNumber],
  [typeOids.json, (text) => new JsonText(text)],
  [typeOids.jsonb, (text) => new JsonText(text)],
])

/** Array type -> type of its elements, as in pg_type.dat; `box[]`, which separates with `;`, stays text. */
const arrays: ReadonlyMap<number, number> = new Map([
  [1000, typeOids.bool],
  [1001, typeOids.bytea],
  [1016, typeOids.int8],
  [1005, typeOids.int2],
  [1007, typeOids.int4],
  [1009, typeOids.text],
  [1028, typeOids.oid],
  [199, typeOids.json],
  [1021, typeOids.float4],
  [1022, typeOids.float8],
  [1015, typeOids.varchar],
  [1182, typeOids.date],
  [1183, typeOids.time],
  [1115, typeOids.timestamp],
  [1185, typeOids.timestamptz],
  [1187, typeOids.interval],
  [1231, typeOids.numeric],
  [2951, typeOids.uuid],
  [3807, typeOids.jsonb],
])

/** Which typed array holds a type, where its texts have to be put into one. */
const kinds: ReadonlyMap<number, ColumnKind> = new Map<number, ColumnKind>([
  [typeOids.bool, columnKinds.bool],
  [typeOids.int2, columnKinds.int32],
  [typeOids.int4, columnKinds.int32],
  [typeOids.oid, columnKinds.uint32],
  [typeOids.xid, columnKinds.uint32],
  [typeOids.cid, columnKinds.uint32],
  [typeOids.int8, columnKinds.int64],
  [typeOids.float8, columnKinds.float64],
])

/** The parsers of one client: those of the table, and above them those it was given. */
export class TypeParsers {
  readonly #given: ReadonlyMap<number, TypeParser>

  /** `given` by type OID. */
  constructor(given: Readonly<Record<number, TypeParser>> = {}) {
    this.#given = new Map(Object.entries(given).map(([oid, parser]) => [Number(oid), parser]))
  }

  /** The parser that the client was given for this very type. */
  given(oid: number): TypeParser | undefined {
    return this.#given.get(oid)
  }

  /** The parser of texts of the type; null where the text is the value. */
  ofText(oid: number): TypeParser | null {
    const given = this.#given.get(oid)
    if (given) return given
    const element = arrays.get(oid)
    if (element === undefined) return elements.get(oid) ?? null
    const parseElement = this.ofText(element) ?? asText
    return (text) => parseArray(text, parseElement)
  }
}

/** How a column of the type lies in a column batch. */
export function kindOfType(oid: number): ColumnKind {
  return kinds.get(oid) ?? columnKinds.text
}
