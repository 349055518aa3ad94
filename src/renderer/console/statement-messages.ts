/**
 * What the page and its parser worker say to each other. The worker keeps the text, so that a caret that moves
 * costs a few bytes and a long text is sent once for many questions. No behaviour.
 */

/** `version` names one state of one text. */
export type StatementQuestion =
  | { readonly kind: 'text'; readonly version: string; readonly text: string }
  | { readonly kind: 'at'; readonly id: number; readonly version: string; readonly offset: number }

/** Offsets in UTF-16 code units; `terminatedEnd` is behind the semicolon. */
export interface FoundStatement {
  readonly start: number
  readonly length: number
  readonly terminatedEnd: number
}

export type StatementAnswer =
  | { readonly id: number; readonly kind: 'found'; readonly statement: FoundStatement | null }
  | { readonly id: number; readonly kind: 'failed'; readonly message: string }
