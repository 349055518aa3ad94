/** What a conversation of the wire is made with, and what it is bounded by and says. No behaviour. */

import type { Clock } from '../../base/clock.ts'
import type { EngineSession } from '../engine/engine.ts'
import type { StartUpTimeouts } from './start-up-timeouts.ts'
import type { OutOfTurnOptions } from './out-of-turn.ts'
import type { WireWatch } from './statement-watch.ts'
import type { WireLine } from './wire-line.ts'

/** Input that could be run and waits for its turn, before the client is asked to wait: a few reads of a socket. */
export const heldBytesMax = 256 << 10

export const noBytes: Uint8Array = new Uint8Array(0)
export const userRequest = 'canceling statement due to user request'

export interface WireConversationOptions extends OutOfTurnOptions {
  readonly title: string
  readonly processId: number
  readonly parameters: ReadonlyMap<string, string>
  readonly line: WireLine
  readonly clock: Clock
  /** Of the session, before it has begun. */
  readonly timeouts: StartUpTimeouts
  /**
   * The session on the engine, begun in a turn of its own unless it has been. Rejects with `cancelled` when
   * `signal` is aborted before.
   */
  begin(signal: AbortSignal): Promise<EngineSession>
  /** Told of what looks harmful before it is sent. */
  readonly watch?: WireWatch
  /** Called once, when nothing of the client is left. */
  onEnded(): void
}
