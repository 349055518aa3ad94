/**
 * A value that is replaced as a whole and says so. Every piece of mutable interface state is one of these, owned
 * by the object that changes it and read by whoever shows it. Knows no component.
 */

import { Emitter, type Event } from '../../base/event.ts'

/** What a reader sees of a Store. */
export interface Readable<T> {
  readonly value: T
  readonly onDidChange: Event<void>
}

/** The owner's side of a Readable. */
export class Store<T> implements Readable<T> {
  #value: T
  readonly #didChange = new Emitter<void>()
  readonly onDidChange = this.#didChange.event

  constructor(value: T) {
    this.#value = value
  }

  get value(): T {
    return this.#value
  }

  /** Replaces the value; the same value again announces nothing. */
  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    this.#didChange.fire()
  }

  /** Replaces some fields of a value that is an object. */
  patch(fields: Partial<T> & object): void {
    this.set({ ...this.#value, ...fields })
  }

  dispose(): void {
    this.#didChange.dispose()
  }
}
