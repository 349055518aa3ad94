/** Builds the WebAssembly module before unit tests, when it is stale; they need nothing else that is built. */
import { buildIfStale } from './build-if-stale.ts'

/** Vitest's global setup. */
export async function setup(): Promise<void> {
  await buildIfStale({ parts: ['wasm'] })
}
