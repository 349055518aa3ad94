/**
 * The signals that a process gets: the first that asks it to end interrupts the command, the second ends the process,
 * unless a command takes them for a program of its own. Knows no command.
 */

import { onDispose, type Disposable } from '../../base/disposable.ts'

/** They ask for an end. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** Of no meaning here, but maybe to the program that is run. */
const passedSignals = ['SIGQUIT', 'SIGUSR2'] as const

export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown
  off(signal: NodeJS.Signals, listener: () => void): unknown
}

export class ProcessSignals {
  readonly #source: SignalSource
  readonly #controller = new AbortController()
  #taker: ((signal: NodeJS.Signals) => void) | null = null

  constructor(source: SignalSource, { onAskedTwice }: { onAskedTwice(): void }) {
    this.#source = source
    for (const signal of endingSignals) {
      source.on(signal, () => {
        if (this.#taker) this.#taker(signal)
        else if (this.#controller.signal.aborted) onAskedTwice()
        else this.#controller.abort(signal)
      })
    }
  }

  /** Aborted by the first signal that asks for an end; its reason is the signal's name. */
  get interrupt(): AbortSignal {
    return this.#controller.signal
  }

  /** As of CommandContext. */
  take(listener: (signal: NodeJS.Signals) => void): Disposable {
    this.#taker = listener
    const passes = passedSignals.map((signal) => ({ signal, pass: () => listener(signal) }))
    for (const { signal, pass } of passes) this.#source.on(signal, pass)
    return onDispose('taken-signals', () => {
      this.#taker = null
      for (const { signal, pass } of passes) this.#source.off(signal, pass)
    })
  }
}
