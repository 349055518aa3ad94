/**
 * Every action of the window with its name and keys, in one list: the palette shows it, key presses are looked up
 * in it, tooltips quote it. Parts register their own actions and take them away when they go.
 */

import { onDispose, type Disposable } from '../../base/disposable.ts'
import { Store } from './store.ts'

export interface Command {
  /** Such as `console.run-statement`; unique. */
  readonly id: string
  /** As the palette shows it, in the imperative. */
  readonly title: string
  /** Where it belongs, such as `Console`. */
  readonly group: string
  /**
   * Such as `Mod+Shift+P`, `F5`, `Alt+ArrowUp`; the first one is shown. Mod is Cmd on a Mac and Ctrl elsewhere.
   * The rest are KeyboardEvent.key names (letters in upper case).
   */
  readonly keys?: readonly string[]
  /** Whether the keys are only shown here, and handled by whoever has the focus. */
  readonly isKeyHandledElsewhere?: boolean
  /** Whether it can be done now; always, when not given. */
  isEnabled?(): boolean
  run(): void | Promise<void>
}

export class CommandRegistry {
  readonly list = new Store<readonly Command[]>([])
  readonly #reportFailure: (error: unknown) => void

  constructor(reportFailure: (error: unknown) => void) {
    this.#reportFailure = reportFailure
  }

  /** Adds commands; one with an id that is there already takes its place. */
  register(commands: readonly Command[]): Disposable {
    const ids = new Set(commands.map((command) => command.id))
    this.list.set([...this.list.value.filter((command) => !ids.has(command.id)), ...commands])
    return onDispose('command-registration', () => {
      this.list.set(this.list.value.filter((command) => !commands.includes(command)))
    })
  }

  find(id: string): Command | null {
    return this.list.value.find((command) => command.id === id) ?? null
  }

  /** Runs a command if it can be done now; what goes wrong is shown to the user. Answers whether it ran. */
  run(id: string): boolean {
    const command = this.find(id)
    if (!command || command.isEnabled?.() === false) return false
    void this.#run(command)
    return true
  }

  /** The enabled command of a key combination, in the form of `Command.keys`. */
  forKeys(combination: string): Command | null {
    const matches = (command: Command): boolean =>
      command.isKeyHandledElsewhere !== true &&
      (command.keys?.includes(combination) ?? false) &&
      command.isEnabled?.() !== false
    return this.list.value.find(matches) ?? null
  }

  async #run(command: Command): Promise<void> {
    try {
      await command.run()
    } catch (error) {
      this.#reportFailure(error)
    }
  }
}
