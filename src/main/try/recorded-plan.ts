/**
 * Plans as Postgres's own module auto_explain tells them of the very execution (PostgreSQL 18 documentation, appendix
 * F.3): how it is switched on in a session, and how its messages are told from others.
 */

import type { SqlErrorFields } from '../../contract/error.ts'

/** The engine has to be opened with it. */
export const planExtension = 'auto_explain'

/**
 * INFO goes to the client whatever client_min_messages is. Of a statement that runs others, those are told of as
 * well: a function's or a DO block's, one level deep.
 */
export const planSettings: readonly (readonly [name: string, value: string])[] = [
  ['auto_explain.log_analyze', 'on'],
  ['auto_explain.log_triggers', 'on'],
  ['auto_explain.log_level', 'info'],
  ['auto_explain.log_format', 'text'],
  ['auto_explain.log_min_duration', '0'],
]

const planMessage = /^duration: [\d.]+ ms {2}plan:\n/

/** The plan that a message brings; null for any other message. `sql` is the statement that runs. */
export function readPlan(notice: SqlErrorFields, sql: string): string | null {
  if (notice.severity !== 'INFO' || !planMessage.test(notice.message)) return null
  const plan = notice.message.replace(planMessage, '')
  const own = `Query Text: ${sql}\n`
  return plan.startsWith(own) ? plan.slice(own.length) : plan
}
