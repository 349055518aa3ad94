/**
 * What the app asked of the system that the stand-in has none of: links to open, dialogs, badges. Specs that know
 * that they run on the stand-in read it as `wardianStandIn.asked` in the main process; nothing is ever done.
 */

export interface Asked {
  /** Such as `shell.openExternal`. */
  readonly what: string
  readonly details: readonly unknown[]
}

const askedSoFar: Asked[] = []

/** Notes that the app wanted `what`. */
export function note(what: string, ...details: readonly unknown[]): void {
  askedSoFar.push({ what, details })
}

/** Lets specs read what was noted. */
export function publishAsked(): void {
  Reflect.set(globalThis, 'wardianStandIn', { asked: askedSoFar })
}
