/** Whether the app is ready, which several parts of Electron must not be used before. */

import { notImplemented } from './strict.ts'

let isReady = false

export function isAppReady(): boolean {
  return isReady
}

export function becomeReady(): void {
  isReady = true
}

/** `fn`, refused before the app is ready, as Electron does for what is named. */
export function onlyWhenReady<Args extends readonly unknown[], Result>(
  name: string,
  fn: (...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => {
    if (!isReady) throw new Error(`${name} cannot be used before app is ready`)
    return fn(...args)
  }
}

/** What can only be answered by a person: a spec puts its own answer in the place of this. */
export function askingNobody(name: string): () => never {
  return () => {
    throw notImplemented(`${name} without an answer (replace it in the spec by app.evaluate)`)
  }
}
