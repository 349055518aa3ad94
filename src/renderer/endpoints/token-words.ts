/** What a line says of a token: what it may see and do, when it was used, and until when it is worth anything. Pure. */

import type { WebToken } from '../../contract/web-endpoint.ts'
import { relativeWords } from '../widgets/moment-words.ts'

export function tokenFacts(
  token: WebToken,
  nameOf: (instanceId: string) => string | null,
  nowMs: number,
): string {
  const { access, role, instanceIds, lastUsedAtMs, expiresAtMs } = token
  const may = access === 'read-only' ? 'reads' : 'reads and writes'
  const what = instanceIds?.map((id) => nameOf(id) ?? 'a deleted database').join(', ') ?? 'every database'
  const used = lastUsedAtMs === null ? 'never used' : `used ${relativeWords(lastUsedAtMs, nowMs)}`
  return [`${may} ${what}`, `as ${role}`, used, ...expiryWords(expiresAtMs, nowMs)].join(' · ')
}

/** A day is enough to know; what is over says how long it has been. */
function expiryWords(expiresAtMs: number | null, nowMs: number): string[] {
  if (expiresAtMs === null) return []
  if (expiresAtMs <= nowMs) return [`expired ${relativeWords(expiresAtMs, nowMs)}`]
  return [`expires ${new Date(expiresAtMs).toISOString().slice(0, 10)}`]
}
