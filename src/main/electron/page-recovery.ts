/**
 * What happens when the process of a page has ended: the page is loaded again, which finds its tabs where the host has
 * them, unless it ends again and again. Imports nothing of Electron.
 */

import type { Clock } from '../../base/clock.ts'
import { RestartBudget } from './restart-budget.ts'

/** Reasons of Electron's `render-process-gone` that somebody wanted. */
const wantedReasons: ReadonlySet<string> = new Set(['clean-exit'])

export interface CrashedPage {
  /** Loads the page again. */
  reload(): void
  /** Asks whether to go on; true loads the page again, false closes the window. */
  ask(question: CrashQuestion): Promise<boolean>
  close(): void
}

export interface CrashQuestion {
  readonly message: string
  readonly detail: string
  readonly buttons: readonly [reload: string, close: string]
}

/** One for each window. */
export class PageRecovery {
  readonly #page: CrashedPage
  readonly #reloads: RestartBudget
  #isAsking = false

  constructor(page: CrashedPage, clock: Clock) {
    this.#page = page
    this.#reloads = new RestartBudget(clock)
  }

  /** The page's process has ended; resolves when it was decided what follows. */
  async didEnd(reason: string): Promise<void> {
    if (wantedReasons.has(reason) || this.#isAsking) return
    if (this.#reloads.spend()) return this.#page.reload()
    this.#isAsking = true
    try {
      const mayReload = await this.#page.ask(crashQuestion(reason))
      if (mayReload) this.#page.reload()
      else this.#page.close()
    } finally {
      this.#isAsking = false
    }
  }
}

function crashQuestion(reason: string): CrashQuestion {
  const isMemory = reason === 'oom'
  return {
    message: 'This window keeps ending',
    detail:
      `${isMemory ? 'It needed more memory than there is' : `Its process ended (${reason})`}, several times within a ` +
      'minute. Databases are not affected: they run elsewhere, and what was typed is stored. A large result may ' +
      'be why.',
    buttons: ['Load it again', 'Close the window'],
  }
}
