/**
 * Lifetimes: what is opened is registered for closing at once, and closed in reverse order. Knows nothing of
 * what the things are. Counts what is open, so that tests can prove that nothing leaks.
 */

/** Something with an end. `dispose` may be called more than once and never throws. */
export interface Disposable {
  dispose(): void
}

const open = new Map<string, number>()

/** How many tracked things of each kind are open now, in this thread; kinds with none are left out. */
export function openDisposables(): Record<string, number> {
  return Object.fromEntries([...open].filter(([, count]) => count > 0))
}

/** Wraps `end` so that it runs once, and counts the thing under `kind` until then. */
export function onDispose(kind: string, end: () => void): Disposable {
  open.set(kind, (open.get(kind) ?? 0) + 1)
  let ended = false
  return {
    dispose() {
      if (ended) return
      ended = true
      open.set(kind, (open.get(kind) ?? 0) - 1)
      end()
    },
  }
}

/** Owns many disposables and ends them in reverse order; one added after the end is ended at once. */
export class DisposableStore implements Disposable {
  readonly #items = new Set<Disposable>()
  #disposed = false

  get isDisposed(): boolean {
    return this.#disposed
  }

  /** Registers `item` and returns it. */
  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose()
    else this.#items.add(item)
    return item
  }

  /** Forgets `item` without ending it. */
  release(item: Disposable): void {
    this.#items.delete(item)
  }

  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    for (const item of [...this.#items].reverse()) item.dispose()
    this.#items.clear()
  }
}
