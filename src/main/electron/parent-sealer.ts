/** The host's side of sealing: asks the shell's process, which has the keyring, and waits for its answer. */

import type { HostProcessMessage, ShellMessage } from './host-messages.ts'

export class ParentSealer {
  readonly #tell: (message: HostProcessMessage) => void
  readonly #waiting = new Map<number, (text: string | null) => void>()
  #nextId = 0

  constructor(tell: (message: HostProcessMessage) => void) {
    this.#tell = tell
  }

  /** null: there is no keyring that could. */
  seal(text: string): Promise<string | null> {
    return this.#ask('seal', text)
  }

  /** null: this keyring did not seal it. */
  unseal(text: string): Promise<string | null> {
    return this.#ask('unseal', text)
  }

  /** Takes a message of the shell; whether it was an answer. */
  take(message: ShellMessage): boolean {
    if (message.kind !== 'sealing') return false
    this.#waiting.get(message.id)?.(message.text)
    this.#waiting.delete(message.id)
    return true
  }

  #ask(kind: 'seal' | 'unseal', text: string): Promise<string | null> {
    const id = this.#nextId++
    const { promise, resolve } = Promise.withResolvers<string | null>()
    this.#waiting.set(id, resolve)
    this.#tell({ kind, id, text })
    return promise
  }
}
