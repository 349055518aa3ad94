/** What the engine's worker keeps of each session, whether it is current or not. Data only. */

import type { EngineClient } from '../../engine.ts'
import type { ChangedSettings } from './session-settings.ts'
import type { SessionWords } from './session-words.ts'

export interface KeptSession {
  readonly processId: number
  readonly client: EngineClient | null
  readonly startedAt: bigint
  /** The oid of the role that has logged in; 0 before. */
  role: number
  isReadOnly: boolean
  /** Its process; null while there are more sessions than processes. */
  slot: number | null
  /** When it was given the backend last, by a count of that; 0 for never. */
  lastUse: number
  words: SessionWords
  settings: ChangedSettings
  /** Settings that exist for it alone, by address. */
  placeholders: readonly number[]
  /** The names of its schemas for temporary tables, once it has them. */
  tempSchemas: readonly string[]
  /** What its client has been told of the reported settings, and by what they are known to be unchanged. */
  reported: {
    readonly fingerprint: readonly number[]
    readonly values: Readonly<Record<string, string>>
  } | null
}

/** One that has done nothing yet. */
export function newKeptSession(
  beginning: Pick<KeptSession, 'processId' | 'client' | 'startedAt' | 'words'>,
): KeptSession {
  return {
    ...beginning,
    ...{ role: 0, isReadOnly: false, slot: null, lastUse: 0 },
    ...{ settings: new Map(), placeholders: [], tempSchemas: [], reported: null },
  }
}
