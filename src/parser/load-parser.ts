/**
 * Makes Postgres's parser ready wherever this runs: its WebAssembly is fetched and compiled once, and everything
 * after that is synchronous. Knows no SQL.
 */

import { loadModule } from 'libpg-query'

/** Resolves when statements can be split; at once from the second time on. */
export async function loadParser(): Promise<void> {
  await loadModule()
}
