/**
 * Tells a webhook of alerts: each is posted as JSON, in order, tried again a few times, and given up. Goes to the
 * address that the user has set and to no other: redirections are failures. Tells nobody the address but its origin.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { Alert } from '../../contract/monitor.ts'
import type { Webhook } from './monitor-settings.ts'

/** From connecting to the end of the answer. */
const attemptMs = 10_000
/** Before the second, third and fourth attempt. */
const retryDelaysMs = [1_000, 10_000, 60_000] as const
/** More than that tell nothing new; the oldest are left out. */
const waitingMax = 100

export interface WebhookOptions {
  readonly clock: Clock
  /** Of the version that is told as `User-Agent`. */
  readonly version: string
  /** Where nothing is to be told, null. */
  webhook(): Webhook | null
  onFailure(message: string): void
}

export interface Delivery {
  readonly isDelivered: boolean
  /** For people; no part of the address but its origin. */
  readonly message: string
}

/** What is posted: `kind` tells whether an alert has begun or ended. */
type Message = { readonly kind: 'firing' | 'resolved'; readonly alert: Alert } | { readonly kind: 'test' }

export class WebhookSender implements Disposable {
  readonly #options: WebhookOptions
  readonly #ending = new AbortController()
  #waiting: readonly Message[] = []
  #isSending = false

  constructor(options: WebhookOptions) {
    this.#options = options
  }

  /** Returns at once. */
  send(alert: Alert): void {
    if (this.#ending.signal.aborted || !this.#options.webhook()) return
    const message = { kind: alert.endedAtMs === null ? 'firing' : 'resolved', alert } as const
    this.#waiting = [...this.#waiting, message].slice(-waitingMax)
    if (!this.#isSending) void this.#sendAll()
  }

  /** One attempt, with a message that says what it is; null where there is no webhook. */
  async test(): Promise<Delivery | null> {
    const webhook = this.#options.webhook()
    return webhook ? this.#attempt(webhook, { kind: 'test' }) : null
  }

  /** What waits is given up. */
  dispose(): void {
    this.#waiting = []
    this.#ending.abort()
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true
    for (;;) {
      const [message, ...rest] = this.#waiting
      this.#waiting = rest
      if (!message || this.#ending.signal.aborted) break
      await this.#deliver(message)
    }
    this.#isSending = false
  }

  async #deliver(message: Message): Promise<void> {
    let last = ''
    for (const delayMs of [0, ...retryDelaysMs]) {
      await this.#pause(delayMs)
      const webhook = this.#options.webhook()
      if (!webhook || this.#ending.signal.aborted) return
      const delivery = await this.#attempt(webhook, message)
      if (delivery.isDelivered) return
      last = delivery.message
    }
    this.#options.onFailure(`The webhook was not told of an alert: ${last}`)
  }

  async #attempt({ url, bearerToken }: Webhook, message: Message): Promise<Delivery> {
    const { origin } = new URL(url)
    const headers = {
      'Content-Type': 'application/json',
      'User-Agent': `Wardian/${this.#options.version}`,
      ...(bearerToken === null ? {} : { Authorization: `Bearer ${bearerToken}` }),
    }
    const attempt = new AbortController()
    const bound = this.#options.clock.after(attemptMs, () => attempt.abort())
    try {
      const response = await fetch(url, {
        ...{ method: 'POST', headers, body: bodyOf(message), redirect: 'manual' },
        signal: AbortSignal.any([attempt.signal, this.#ending.signal]),
      })
      await response.body?.cancel()
      if (response.ok) return { isDelivered: true, message: `${origin} answered ${response.status}` }
      const isElsewhere = response.status >= 300 && response.status < 400
      const why = isElsewhere ? ', which sends elsewhere; set the address itself' : ''
      return { isDelivered: false, message: `${origin} answered ${response.status}${why}` }
    } catch (error) {
      return { isDelivered: false, message: `${origin} ${this.#reason(error, attempt.signal)}` }
    } finally {
      bound.dispose()
    }
  }

  /** Codes alone: messages of errors may have the whole address. */
  #reason(error: unknown, attempt: AbortSignal): string {
    if (attempt.aborted) return `did not answer within ${attemptMs / 1_000} s`
    const cause = error instanceof Error ? error.cause : undefined
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no code'
    return `could not be reached (${code})`
  }

  #pause(delayMs: number): Promise<void> {
    const { signal } = this.#ending
    if (delayMs === 0 || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(delayMs, done)
      function done(): void {
        timer.dispose()
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done)
    })
  }
}

function bodyOf(message: Message): string {
  if (message.kind === 'test')
    return JSON.stringify({ program: 'wardian', kind: 'test', message: 'This is a test' })
  const { alert } = message
  return JSON.stringify({
    ...{ program: 'wardian', kind: message.kind, message: alert.message, metric: alert.metric },
    ...{ instance: alert.instanceName, comparison: alert.comparison, limit: alert.limit, worst: alert.worst },
    since: new Date(alert.sinceMs).toISOString(),
    ended: alert.endedAtMs === null ? null : new Date(alert.endedAtMs).toISOString(),
    alertId: alert.id,
  })
}
