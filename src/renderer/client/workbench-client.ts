/**
 * The renderer's one way to the host: the workbench contract over whichever port this shell has, opened again
 * when it is lost. Subscriptions outlive a connection; calls and streams do not, and reject with `disconnected`.
 * Knows neither carriers nor what is asked.
 */

import { systemClock, type Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { onDispose } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import type { ChunkOf, NamesOf, ParamsOf, PayloadOf, ResultOf } from '../../contract/contract-table.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import { workbenchContract, type WorkbenchContract } from '../../contract/workbench-contract.ts'
import type { ContractStream, ReceivedChunk } from '../../rpc/client-stream.ts'
import type { Port } from '../../rpc/port.ts'
import { connectContract, type CallOptions, type ContractClient } from '../../rpc/rpc-client.ts'

/** Opens one port to the host. Rejects with `unauthorized` when trying again cannot help. */
export interface PortSource {
  open(): Promise<Port>
}

export type ConnectionStatus =
  | { readonly kind: 'connecting'; readonly attempt: number }
  | { readonly kind: 'connected' }
  /** Will try again by itself at `retryAtMs` (monotonic), or now when asked to. */
  | { readonly kind: 'waiting'; readonly reason: string; readonly retryAtMs: number }
  /** Will not try again: the host does not know this window (any more). */
  | { readonly kind: 'refused'; readonly reason: string }

export type CallName = NamesOf<WorkbenchContract, 'call'>
export type StreamName = NamesOf<WorkbenchContract, 'stream'>
export type EventName = NamesOf<WorkbenchContract, 'event'>

/** Pauses between attempts: quick at first, since a reload of the host takes a second, then gentle. */
const retryDelaysMs = [200, 500, 1_000, 2_000, 5_000] as const

interface Subscription {
  readonly name: EventName
  attach(client: ContractClient<WorkbenchContract>): void
  detach(): void
}

export class WorkbenchClient implements Disposable {
  readonly #source: PortSource
  readonly #clock: Clock
  readonly #subscriptions = new Set<Subscription>()
  readonly #didChangeStatus = new Emitter<void>()
  /** The new value is in `status`. */
  readonly onDidChangeStatus = this.#didChangeStatus.event
  #status: ConnectionStatus = { kind: 'connecting', attempt: 1 }
  #client: ContractClient<WorkbenchContract> | null = null
  #retry: Disposable | null = null
  #attempt = 0
  #isDisposed = false

  constructor(source: PortSource, clock: Clock = systemClock) {
    this.#source = source
    this.#clock = clock
  }

  get status(): ConnectionStatus {
    return this.#status
  }

  /** Connects now, whether for the first time or because the user does not want to wait. */
  async connect(): Promise<void> {
    if (this.#client || this.#isDisposed) return
    if (this.#status.kind === 'connecting' && this.#attempt > 0) return
    this.#retry?.dispose()
    this.#attempt += 1
    this.#setStatus({ kind: 'connecting', attempt: this.#attempt })
    try {
      this.#adopt(await this.#source.open())
    } catch (error) {
      this.#giveUp(error)
    }
  }

  async call<N extends CallName>(
    name: N,
    params: ParamsOf<WorkbenchContract[N]>,
    options?: CallOptions,
  ): Promise<ResultOf<WorkbenchContract[N]>> {
    return this.#connected().call(name, params, options)
  }

  async callWithBuffers<N extends CallName>(
    name: N,
    params: ParamsOf<WorkbenchContract[N]>,
    options?: CallOptions,
  ): Promise<ReceivedChunk<ResultOf<WorkbenchContract[N]>>> {
    return this.#connected().callWithBuffers(name, params, options)
  }

  stream<N extends StreamName>(
    name: N,
    params: ParamsOf<WorkbenchContract[N]>,
  ): ContractStream<ChunkOf<WorkbenchContract[N]>, ResultOf<WorkbenchContract[N]>> {
    return this.#connected().stream(name, params)
  }

  /** Subscribes to an event of the host, over this and every later connection. */
  on<N extends EventName>(name: N, listener: (payload: PayloadOf<WorkbenchContract[N]>) => void): Disposable {
    let attached: Disposable | null = null
    const subscription: Subscription = {
      name,
      attach: (client) => {
        attached = client.on(name, (payload) => listener(payload))
      },
      detach: () => attached?.dispose(),
    }
    this.#subscriptions.add(subscription)
    if (this.#client) subscription.attach(this.#client)
    return onDispose('workbench-subscription', () => {
      this.#subscriptions.delete(subscription)
      subscription.detach()
    })
  }

  dispose(): void {
    this.#isDisposed = true
    this.#retry?.dispose()
    this.#client?.dispose()
    this.#client = null
    this.#didChangeStatus.dispose()
  }

  #connected(): ContractClient<WorkbenchContract> {
    if (this.#client) return this.#client
    throw new WorkbenchError('disconnected', 'Wardian is not connected to its host; it is trying to connect')
  }

  #adopt(port: Port): void {
    if (this.#isDisposed) return port.dispose()
    const client = connectContract(workbenchContract, port)
    this.#client = client
    this.#attempt = 0
    for (const subscription of this.#subscriptions) subscription.attach(client)
    client.onDidClose((reason) => {
      if (this.#client !== client) return
      this.#client = null
      this.#scheduleRetry(reason)
    })
    this.#setStatus({ kind: 'connected' })
  }

  #giveUp(error: unknown): void {
    const { code, message } = toWireError(error)
    if (code === 'unauthorized') this.#setStatus({ kind: 'refused', reason: message })
    else this.#scheduleRetry(message)
  }

  #scheduleRetry(reason: string): void {
    if (this.#isDisposed) return
    const delayMs = retryDelaysMs[Math.min(this.#attempt, retryDelaysMs.length - 1)] ?? 0
    this.#retry = this.#clock.after(delayMs, () => void this.connect())
    this.#setStatus({ kind: 'waiting', reason, retryAtMs: this.#clock.monotonicMs() + delayMs })
  }

  #setStatus(status: ConnectionStatus): void {
    this.#status = status
    this.#didChangeStatus.fire()
  }
}
