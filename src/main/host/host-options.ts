/**
 * What a shell hands to the host it starts. The host takes everything that touches the outside from here, so
 * that shells, commands and tests differ in data alone.
 */

import type { Clock } from '../../base/clock.ts'
import type { EngineFactory } from '../engine/engine.ts'
import type { Sealer } from '../storage/secret-store.ts'

/** Which program the host lives in; told to clients and to whoever finds the data directory held. */
export type ShellKind = 'electron' | 'serve' | 'command'

/** Where the host narrates what an operator should know. One line a message, no secrets, no SQL. */
export interface HostLog {
  info(message: string): void
  warn(message: string): void
  /** `cause` is what was thrown, for the stack. */
  error(message: string, cause?: unknown): void
}

export interface HostOptions {
  /** Absolute path; created (0700) when missing. */
  readonly dataDirectory: string
  readonly shell: ShellKind
  /** What who finds the directory held is told of the program; by its shell when left out. */
  readonly program?: string | undefined
  readonly clock: Clock
  readonly log: HostLog
  /** Seals passwords of servers; without one they lie in private files. */
  readonly sealer?: Sealer
  /** Opens engines; the host's own PGlite factory when left out. The host disposes it when it stops. */
  readonly engineFactory?: EngineFactory
  /** Where new instances' templates are kept between runs; `templates` in the data directory when left out. */
  readonly templatesDirectory?: string | undefined
  /** What copies of instances for connections may take together; half of this machine's memory when left out. */
  readonly forkBytesMax?: number
  /** Results of statements that took less are not kept; as result-caches.ts has it unless given. */
  readonly cacheDurationMinMs?: number
}
