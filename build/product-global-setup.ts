/**
 * Builds what is stale before suites that make packages: each of these builds, too, and two at once would be in each
 * other's way.
 */
import { buildIfStale } from './build-if-stale.ts'

export async function setup(): Promise<void> {
  await buildIfStale({ parts: ['wasm', 'main', 'renderer', 'template'] })
}
