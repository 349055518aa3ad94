/**
 * A query as a hook: its rows, kept true by the database, for as long as the component is shown. Takes a client; knows
 * no page.
 */
import { useEffect, useState } from 'react'
import type { LiveStatement, WardianClient } from '@wardian/client'

export interface LiveQuery<Row> {
  /** null until the first result is there. */
  readonly rows: readonly Row[] | null
  readonly error: Error | null
}

/** Watches `text` with `params`; another text, or other params, begin anew. `key`: columns that tell rows apart. */
export function useLiveQuery<Row>(
  db: WardianClient,
  text: string,
  options: {
    readonly params?: readonly (string | number | boolean | null)[]
    readonly key?: readonly string[]
  } = {},
): LiveQuery<Row> {
  const [state, setState] = useState<LiveQuery<Row>>({ rows: null, error: null })
  // An array that is made anew in each rendering is still the same question.
  const asked = JSON.stringify({ sql: text, ...options })
  useEffect(() => {
    const controller = new AbortController()
    const follow = async (): Promise<void> => {
      const statement = JSON.parse(asked) as LiveStatement
      const results = await db.live<Row>(statement, { signal: controller.signal })
      for await (const rows of results) setState({ rows, error: null })
    }
    follow().catch((error: unknown) => {
      if (!controller.signal.aborted) setState({ rows: null, error: asError(error) })
    })
    return () => controller.abort()
  }, [db, asked])
  return state
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
