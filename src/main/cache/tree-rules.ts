/**
 * What may stand in the tree of a statement whose result is kept: everything that only reads, and answers the same as
 * long as what it reads, the session's settings and its role are the same. A list of what may, so that whatever is
 * missing here is not kept.
 */

/** Kinds of nodes, by their names in nodes/primnodes.h and nodes/parsenodes.h of PostgreSQL 18. */
export const allowedNodes: ReadonlySet<string> = new Set(
  [
    'QUERY RANGETBLENTRY RTEPERMISSIONINFO ALIAS FROMEXPR JOINEXPR RANGETBLREF RANGETBLFUNCTION TARGETENTRY',
    'VAR CONST PARAM OPEXPR FUNCEXPR AGGREF WINDOWFUNC WINDOWCLAUSE BOOLEXPR NULLTEST BOOLEANTEST CASEEXPR',
    'CASEWHEN CASETESTEXPR COALESCEEXPR MINMAXEXPR NULLIFEXPR DISTINCTEXPR SCALARARRAYOPEXPR ARRAYEXPR ROWEXPR',
    'SUBLINK RELABELTYPE COERCEVIAIO ARRAYCOERCEEXPR SUBSCRIPTINGREF FIELDSELECT SORTGROUPCLAUSE GROUPINGSET',
    'GROUPINGFUNC SETOPERATIONSTMT COMMONTABLEEXPR NAMEDARGEXPR COLLATEEXPR SQLVALUEFUNCTION',
  ].flatMap((line) => line.split(' ')),
)

/** RTEKind (nodes/parsenodes.h): relation, subquery, join, function, values, CTE, result, group. */
export const allowedRangeKinds: ReadonlySet<number> = new Set([0, 1, 2, 3, 5, 6, 8, 9])

/** SQLValueFunctionOp (nodes/primnodes.h): roles and the schema, which are the session's; the rest tells the time. */
export const allowedValueFunctions: ReadonlySet<number> = new Set([9, 10, 11, 12, 14])

/** What has a lower number comes with Postgres (FirstNormalObjectId in access/transam.h). */
export const firstUserOid = 16_384

/**
 * Types (catalog/pg_type.dat) whose input says the same at any time and under any settings that are not the session's:
 * booleans, numbers, texts, uuid, json, intervals, and arrays of them. The text of a date may be `now`.
 */
export const timelessTypes: ReadonlySet<number> = new Set([
  ...[16, 17, 18, 19, 20, 21, 23, 25, 26, 114, 700, 701, 705, 1042, 1043, 1186, 1700, 2950, 3802],
  ...[199, 1000, 1001, 1002, 1003, 1005, 1007, 1009, 1014, 1015, 1016, 1021, 1022, 1187, 1231, 2951, 3807],
])

/**
 * Functions that Postgres calls stable because they depend on settings or the catalog, but on nothing else. Names of
 * which any overload depends on time or on the outside are not here.
 */
export const allowedStableFunctions: readonly string[] = [
  'to_char to_number concat concat_ws format quote_literal quote_nullable array_to_string timestamptz',
  'timestamp date_trunc date time timetz timezone timestamptz_pl_interval timestamptz_mi_interval',
  'interval_pl_timestamptz generate_series to_json to_jsonb row_to_json array_to_json json_build_array',
  'json_build_object jsonb_build_array jsonb_build_object json_object_agg jsonb_object_agg json_agg jsonb_agg',
  'current_user session_user getpgusername current_schema current_schemas enum_first enum_last enum_range',
  'to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery textanycat anytextcat money',
  ...['date', 'timestamp', 'timestamptz'].flatMap((one) =>
    ['date', 'timestamp', 'timestamptz'].flatMap((other) =>
      ['lt', 'le', 'eq', 'ne', 'ge', 'gt', 'cmp'].map((operator) => `${one}_${operator}_${other}`),
    ),
  ),
].flatMap((line) => line.split(' '))
