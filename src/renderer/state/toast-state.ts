/** What happened that nobody was looking at: short announcements that stay until read, errors until dismissed. */

import type { Clock } from '../../base/clock.ts'
import { toWireError } from '../../contract/error.ts'
import { Store } from './store.ts'

export interface Toast {
  readonly id: string
  readonly kind: 'info' | 'error'
  readonly text: string
  /** Folded away at first; null when there is no more to say. */
  readonly detail: string | null
  /** What can be done about it; null for nothing. */
  readonly action: ToastAction | null
}

export interface ToastAction {
  /** One or two words, such as `Undo`. */
  readonly label: string
  readonly run: () => Promise<unknown>
}

/** More at once would cover what one works on; the oldest goes. */
const toastsMax = 4

/** Enough to read two lines; errors stay. */
const infoDurationMs = 6_000

/** Enough to notice what is missing, too. */
const offerDurationMs = 20_000

export class ToastState {
  readonly toasts = new Store<readonly Toast[]>([])
  readonly #clock: Clock
  #nextId = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  info(text: string, detail: string | null = null): void {
    const id = this.#push({ kind: 'info', text, detail, action: null })
    this.#clock.after(infoDurationMs, () => this.dismiss(id))
  }

  /** Something that can be taken back; stays long enough to think about it. */
  offer(text: string, action: ToastAction): void {
    const id = this.#push({ kind: 'info', text, detail: null, action })
    this.#clock.after(offerDurationMs, () => this.dismiss(id))
  }

  /** Something to be known that nobody asked about; stays until it is dismissed. */
  notice(text: string, detail: string | null = null): void {
    // Told again it is the last one that counts.
    for (const { id } of this.toasts.value.filter((toast) => toast.text === text)) this.dismiss(id)
    this.#push({ kind: 'info', text, detail, action: null })
  }

  /** As `notice`, with what can be done about it. */
  alert(text: string, action: ToastAction): void {
    for (const { id } of this.toasts.value.filter((toast) => toast.text === text)) this.dismiss(id)
    this.#push({ kind: 'info', text, detail: null, action })
  }

  /** Shows a failure; the same one twice is shown once. */
  error(error: unknown): void {
    const { message, sql } = toWireError(error)
    if (this.toasts.value.some((toast) => toast.kind === 'error' && toast.text === message)) return
    const detail = sql ? [sql.code, sql.detail, sql.hint].filter((part) => part !== null).join('\n') : null
    this.#push({ kind: 'error', text: message, detail, action: null })
  }

  dismiss(id: string): void {
    this.toasts.set(this.toasts.value.filter((toast) => toast.id !== id))
  }

  #push(toast: Omit<Toast, 'id'>): string {
    const id = String(this.#nextId++)
    this.toasts.set([...this.toasts.value, { ...toast, id }].slice(-toastsMax))
    return id
  }
}
