/**
 * What the endpoint answers (docs/protocol.md): the shapes of its frames. Types alone; rows are as the subprotocol
 * has them.
 */

import type { EnvelopeError } from './envelope-error.ts'

/** A column of a result. */
export interface ResultColumn {
  readonly name: string
  /** The type's OID. */
  readonly type: number
  /** Of a table's column: the table's OID, and the attribute number. */
  readonly table?: number
  readonly column?: number
}

/** The texts that Postgres prints, or null. */
export type TextRow = readonly (string | null)[]

/** A NoticeResponse. */
export interface ResultNotice {
  readonly severity: string
  readonly sqlstate: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
}

/** `data` of `rows`: `columns` is in the first; in msgpack the rows are the payload. */
export interface RowsData {
  readonly columns?: readonly ResultColumn[]
  readonly rows?: readonly TextRow[]
  readonly row_count: number
}

/** `data` of the terminal frame of a `query`. */
export interface CompleteData {
  readonly columns?: readonly ResultColumn[]
  readonly rows?: readonly TextRow[]
  /** The command's tag without numbers, such as `INSERT`; empty for an empty statement. */
  readonly command: string
  /** The command tag's; of a truncated result what was sent. */
  readonly row_count: number
  readonly truncated?: true
  readonly notices?: readonly ResultNotice[]
}

/** `data` of the terminal frame of `prepare` and `describe`. */
export interface DescriptionData {
  /** OIDs. */
  readonly params: readonly number[]
  readonly columns: readonly ResultColumn[] | null
}

/** What each step of a batch has come to. */
export type BatchStepResult = CompleteData | { readonly error: EnvelopeError } | { readonly skipped: true }

/** `data` of hello_ok. */
export interface HelloOkData {
  readonly protocol: number
  /** One start of the host. */
  readonly epoch: string
  readonly socket_id: string
  readonly access: 'read-only' | 'read-write'
  /** null: all instances. */
  readonly tenants: readonly string[] | null
  readonly token_expires_at_ms: number | null
  readonly limits: {
    readonly outstanding: number
    readonly message_bytes: number
    readonly sessions: number
    readonly cursors: number
    readonly subscriptions: number
  }
}

/** `meta` of what is answered. */
export interface AnswerMeta {
  readonly type: string
  /** Not in frames that answer nobody: `event`, `auth_expiring`. */
  readonly request_id?: string
  readonly session?: string
  readonly traceparent?: string
  readonly replayed?: true
  readonly subscription?: string
  readonly event_id?: number
}

/** One envelope of the endpoint. */
export interface AnswerEnvelope {
  readonly meta: AnswerMeta
  readonly data?: unknown
  readonly error?: EnvelopeError
}
