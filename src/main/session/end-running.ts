/** Ends all that one conversation runs, however many answers that has. Knows nobody who wants that. */

import type { Clock } from '../../base/clock.ts'
import type { EngineConversation } from '../engine/engine.ts'

/** As long as an answer may take to arrive that has been given already. */
const againAfterMs = 5

/** Resolves when it runs nothing, or has `ended`. Never rejects: its listener is told of the engine's end. */
export async function endRunning(
  conversation: EngineConversation,
  clock: Clock,
  ended: Promise<void>,
): Promise<void> {
  let isGone = false
  void ended.then(() => (isGone = true))
  // A cancel is for what runs when it comes; behind that may be more of what was sent.
  while (conversation.state.isRunning && !isGone) {
    const hasFailed = await conversation.cancel().then(
      () => false,
      () => true,
    )
    if (hasFailed) return
    await new Promise<void>((resolve) => clock.after(againAfterMs, resolve))
  }
}
