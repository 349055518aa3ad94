/**
 * What `format_type` prints for the types of a result. Names of built-in types cannot change and are kept;
 * others are asked anew each time, since they can be renamed, and are qualified or not by the search path.
 */

import { ColumnBatch, columnKinds, textBytes } from '../../../contract/column-batch.ts'
import type { FieldDescription } from '../protocol/backend-message.ts'
import {
  bindMessage,
  closeStatementMessage,
  executeMessage,
  parseMessage,
  type Pieces,
} from '../protocol/frontend-message.ts'

/** Object numbers from here on are the user's (PostgreSQL, access/transam.h, FirstNormalObjectId). */
const userOidMin = 16_384

/** Types with a modifier are as many as users write; the limit keeps a program from filling memory with them. */
const namesKeptMax = 10_000

/** The user's unnamed statement must survive the look-up. */
const statementName = '_wardian_type_names'

const lookupSql = new TextEncoder().encode(
  'select pg_catalog.format_type(x.oid, x.modifier) ' +
    'from rows from (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int4[])) ' +
    'with ordinality as x(oid, modifier, position) order by x.position',
)

/** The commonest types without a modifier, so that the first results need no look-up. */
const commonNames: readonly (readonly [number, string])[] = [
  [16, 'boolean'],
  [17, 'bytea'],
  [18, '"char"'],
  [19, 'name'],
  [20, 'bigint'],
  [21, 'smallint'],
  [23, 'integer'],
  [25, 'text'],
  [26, 'oid'],
  [114, 'json'],
  [700, 'real'],
  [701, 'double precision'],
  [1042, 'bpchar'],
  [1043, 'character varying'],
  [1082, 'date'],
  [1083, 'time without time zone'],
  [1114, 'timestamp without time zone'],
  [1184, 'timestamp with time zone'],
  [1186, 'interval'],
  [1700, 'numeric'],
  [2249, 'record'],
  [2278, 'void'],
  [2950, 'uuid'],
  [3802, 'jsonb'],
]

type FieldType = Pick<FieldDescription, 'typeOid' | 'typeModifier'>

export class TypeNames {
  readonly #names = new Map<string, string>(commonNames.map(([oid, name]) => [`${oid} -1`, name]))

  /** Which types of a result have to be asked for. */
  unknownTypes(fields: readonly FieldType[]): FieldType[] {
    const unknown = new Map<string, FieldType>()
    for (const field of fields) if (!this.#names.has(keyOf(field))) unknown.set(keyOf(field), field)
    return [...unknown.values()]
  }

  /** The name of a type, among those just `learn`ed and those kept. */
  nameOf(field: FieldType, learned: ReadonlyMap<string, string>): string {
    const key = keyOf(field)
    return this.#names.get(key) ?? learned.get(key) ?? `oid ${field.typeOid}`
  }

  /** The messages that ask for the names of `types`; one text column comes back, in the same order. */
  lookup(types: readonly FieldType[]): Pieces[] {
    const parameters = [
      `{${types.map((type) => type.typeOid).join(',')}}`,
      `{${types.map((type) => type.typeModifier).join(',')}}`,
    ]
    return [
      parseMessage(lookupSql, statementName),
      bindMessage({ statementName, parameters, resultFormats: [] }),
      executeMessage(0),
      closeStatementMessage(statementName),
    ]
  }

  /** What the look-up answered, by type; names that last are kept. */
  learn(types: readonly FieldType[], answer: ArrayBuffer | null): ReadonlyMap<string, string> {
    const learned = new Map<string, string>()
    if (!answer) return learned
    const column = new ColumnBatch(answer).column(0)
    const utf8 = new TextDecoder()
    types.forEach((type, row) => {
      const name = utf8.decode(textBytes(column, row))
      learned.set(keyOf(type), name)
      if (type.typeOid < userOidMin && this.#names.size < namesKeptMax) this.#names.set(keyOf(type), name)
    })
    return learned
  }

  /** The decoder's kinds for what the look-up answers. */
  readonly kinds = Uint8Array.of(columnKinds.text)
}

function keyOf(type: FieldType): string {
  return `${type.typeOid} ${type.typeModifier}`
}
