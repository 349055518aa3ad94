/** What `introspect` answers, as the endpoint has it: the schemas that the token's role may use. Types alone. */

/** A table or the like, by name. */
export interface RelationPlace {
  readonly schema: string
  readonly name: string
}

export interface ColumnDescription {
  readonly name: string
  /** The type's OID. */
  readonly type: number
  /** As in SQL, such as `numeric(10,2)`. */
  readonly type_name: string
  readonly nullable: boolean
  /** SQL; null where there is none. */
  readonly default: string | null
  /** The expression of a generated column. */
  readonly generated: string | null
  readonly identity: 'always' | 'by default' | null
  readonly comment: string | null
}

export interface ForeignKeyDescription {
  readonly name: string
  readonly columns: readonly string[]
  readonly references: RelationPlace
  readonly referenced_columns: readonly string[]
  readonly on_update: string
  readonly on_delete: string
}

export interface IndexDescription {
  readonly name: string
  readonly unique: boolean
  readonly primary: boolean
  readonly valid: boolean
  readonly definition: string
}

export interface RelationDescription {
  readonly name: string
  readonly oid: number
  readonly kind: 'table' | 'partitioned table' | 'view' | 'materialized view' | 'foreign table'
  readonly partition_of: RelationPlace | null
  readonly row_security: boolean
  readonly comment: string | null
  readonly columns: readonly ColumnDescription[]
  readonly primary_key: { readonly name: string; readonly columns: readonly string[] } | null
  readonly foreign_keys: readonly ForeignKeyDescription[]
  readonly indexes: readonly IndexDescription[]
}

export interface EnumDescription {
  readonly name: string
  readonly oid: number
  readonly values: readonly string[]
}

export interface FunctionDescription {
  readonly name: string
  readonly oid: number
  readonly kind: 'function' | 'procedure' | 'aggregate' | 'window function'
  /** As in SQL. */
  readonly arguments: string
  readonly result: string | null
  readonly volatility: 'immutable' | 'stable' | 'volatile'
  readonly comment: string | null
}

export interface SchemaDescription {
  readonly name: string
  readonly comment: string | null
  readonly relations: readonly RelationDescription[]
  readonly enums: readonly EnumDescription[]
  readonly functions: readonly FunctionDescription[]
}
