/** What the system asks to be opened, kept until there are windows for it. Knows no window. */

import type { OpenTarget } from './open-target.ts'

export class OpenInbox {
  readonly #waiting: OpenTarget[] = []
  #deliver: ((targets: readonly OpenTarget[]) => void) | null = null

  put(targets: readonly OpenTarget[]): void {
    if (targets.length === 0) return
    if (this.#deliver) this.#deliver(targets)
    else this.#waiting.push(...targets)
  }

  /** Delivers what has come until now, and everything from now on. */
  open(deliver: (targets: readonly OpenTarget[]) => void): void {
    this.#deliver = deliver
    this.put(this.#waiting.splice(0))
  }
}

/** A command line and where it was given, as the second start of the app sends it to the first. */
export interface CommandLine {
  readonly args: readonly string[]
  readonly folder: string
}

/** What was sent, if it is one; `otherwise` else: Chromium may have put its own switches into that. */
export function argumentsOf(sent: unknown, otherwise: CommandLine): CommandLine {
  if (typeof sent !== 'object' || sent === null || !('args' in sent) || !('folder' in sent)) return otherwise
  const { args, folder } = sent
  const isWhole =
    typeof folder === 'string' && Array.isArray(args) && args.every((each) => typeof each === 'string')
  return isWhole ? { args, folder } : otherwise
}
