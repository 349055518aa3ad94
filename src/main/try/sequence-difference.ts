/** The last values of sequences, and which of them a script would move. */

import type { TrySequence } from '../../contract/try-report.ts'
import type { TrialEngine } from './trial-engine.ts'

const sequencesQuery = `select c.oid::text, c.oid::regclass::text, pg_sequence_last_value(c.oid)::text
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'S' and c.relpersistence <> 't' and n.nspname !~ '^pg_' order by 2`

interface SequenceValue {
  readonly name: string
  readonly value: string | null
}

export type SequenceValues = ReadonlyMap<string, SequenceValue>

/** By object id. */
export async function readSequences(engine: TrialEngine, signal: AbortSignal): Promise<SequenceValues> {
  const rows = await engine.rows(sequencesQuery, [], signal)
  return new Map(rows.map(([oid, name, value]) => [oid ?? '', { name: name ?? '', value: value ?? null }]))
}

/** Those whose value is another one; what was created or dropped without having been used is not. */
export function sequenceDifference(before: SequenceValues, after: SequenceValues): readonly TrySequence[] {
  const oids = new Set([...before.keys(), ...after.keys()])
  return [...oids]
    .map((oid) => {
      const [old, now] = [before.get(oid), after.get(oid)]
      return { name: (now ?? old)?.name ?? '', before: old?.value ?? null, after: now?.value ?? null }
    })
    .filter((sequence) => sequence.before !== sequence.after)
}
