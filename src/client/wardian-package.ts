/** Everything that `@wardian/client` offers, and nothing else: what is here is public, and what is not may change. */

export { connect } from './connect.ts'
export { sql, SqlText } from './sql-text.ts'
export { WardianError } from './wardian-error.ts'
export { JsonText } from './json-text.ts'
export { typeOids } from './type-parsers.ts'
export type { Statement, SqlTag } from './sql-text.ts'
export type { WardianErrorCode } from './wardian-error.ts'
export type { WardianClient, PoolStatus } from './wardian-client.ts'
export type { ConnectOptions, PoolOptions, ReconnectOptions } from './connect-options.ts'
export type { TokenProvider } from './token-store.ts'
export type { TypeParser } from './type-parsers.ts'
export type { WebSocketConstructor, WebSocketLike } from './web-socket.ts'
export type { QueryOptions } from './query-options.ts'
export type { QueryResult, Notice } from './query-result.ts'
export type { RowBatch, ResultColumnValues } from './row-batch.ts'
export type { ResultField } from './result-field.ts'
export type { TypedValues } from './row-chunk.ts'
export type { QueryTag, StatementDescription } from './queryable.ts'
export type { RowStream, StreamEnd, StreamOptions } from './row-stream.ts'
export type { BatchCondition, BatchOptions, BatchOutcome, BatchStep } from './batch.ts'
export type { PreparedStatement } from './prepared-statement.ts'
export type { Cursor } from './cursor.ts'
export type { Session, Transaction, TransactionBody } from './session.ts'
export type { TransactionOptions } from './transaction-text.ts'
export type { ParameterValue } from './parameter-text.ts'
export type { Subscription } from './subscription.ts'
export type {
  ChannelEvent,
  DifferenceEvent,
  GapEvent,
  LiveStatement,
  QueryEvent,
  SnapshotEvent,
  SubscribeOptions,
} from './subscription-options.ts'
export type {
  ColumnDescription,
  EnumDescription,
  ForeignKeyDescription,
  FunctionDescription,
  IndexDescription,
  RelationDescription,
  RelationPlace,
  SchemaDescription,
} from './introspection.ts'
