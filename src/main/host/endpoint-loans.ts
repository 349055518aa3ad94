/**
 * Databases that are lent to commands while they run: the endpoint is on as long as anybody has one, and what was
 * made for a loan is deleted with it, however whoever has it ends. Knows no command.
 */

import type { Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { startAsKept } from '../../contract/endpoint.ts'
import type { Loan, LoanWish } from '../../contract/loan-calls.ts'
import type { StreamChunk } from '../../rpc/handlers.ts'
import type { HostedEndpoint } from './hosted-endpoint.ts'
import type { HostedInstance } from './hosted-instance.ts'
import type { InstanceRegistry } from './instance-registry.ts'
import { snapshotInTurn } from './snapshot-in-turn.ts'

/** As much as copies for connections are made of: it is copied while everybody who uses the instance waits. */
const copyBytesMax = 1 << 30
/** As long as a transaction may idle by default while others wait. */
const copyPatienceMs = 60_000
const temporaryName = 'temporary'

export interface EndpointLoansOptions {
  readonly endpoint: HostedEndpoint
  readonly instances: InstanceRegistry
  readonly clock: Clock
}

export class EndpointLoans {
  readonly #options: EndpointLoansOptions
  #count = 0
  /** The endpoint is on for the loans alone. */
  #isForLoans = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: EndpointLoansOptions) {
    this.#options = options
  }

  /** Somebody wants the endpoint to be on, or off, whoever has what. */
  noteUse(): void {
    this.#isForLoans = false
  }

  /** One chunk, and the end when `signal` aborts. Throws what is in the way, and `closed` when the endpoint stops. */
  async *lend(wish: LoanWish, signal: AbortSignal): AsyncGenerator<StreamChunk<Loan>, null, void> {
    const { endpoint, instances } = this.#options
    const instance = await this.#instanceFor(wish)
    try {
      await this.#inTurn(() => this.#begin(wish, instance))
      const over = untilStopped(endpoint, signal)
      try {
        const connection = endpoint.connection(instance.name)
        yield { value: { instance: instance.describe(), connection } }
        await over.promise
        return null
      } finally {
        over.dispose()
        await this.#inTurn(() => this.#end())
      }
    } finally {
      // A host that ends has ended them all.
      const isThere = instances.list().some(({ id }) => id === instance.id)
      if (wish.use !== 'instance' && isThere) await instances.delete(instance.id)
    }
  }

  async #instanceFor({ use, instanceId }: LoanWish): Promise<HostedInstance> {
    const { instances, clock } = this.#options
    const memory = { storage: 'memory', withSample: false } as const
    if (use === 'new') return this.#started(await instances.add({ ...memory, name: this.#freeName() }))
    const instance = instances.get(instanceId ?? '')
    if (use === 'instance') {
      await instance.engine()
      return instance
    }
    const title = `a copy of ${instance.name}`
    const limits = { bytesMax: copyBytesMax, patienceMs: copyPatienceMs }
    const snapshot = await snapshotInTurn({ instance, title, clock, ...limits })
    const { options } = instance
    return this.#started(await instances.add({ ...memory, options, name: this.#freeName(), snapshot }))
  }

  async #started(instance: HostedInstance): Promise<HostedInstance> {
    try {
      await instance.start()
      return instance
    } catch (error) {
      await this.#options.instances.delete(instance.id)
      throw error
    }
  }

  #freeName(): string {
    const taken = new Set(this.#options.instances.list().map(({ name }) => name))
    let name = temporaryName
    for (let number = 2; taken.has(name); number += 1) name = `${temporaryName}-${number}`
    return name
  }

  async #begin({ mode, port }: LoanWish, instance: HostedInstance): Promise<void> {
    const { endpoint } = this.#options
    const isOn = endpoint.describe().state === 'listening'
    // Whoever finds it on takes it where it is.
    await endpoint.start({ ...startAsKept, mode, port: isOn ? null : port, roleInstanceId: instance.id })
    if (!isOn) this.#isForLoans = true
    this.#count += 1
  }

  async #end(): Promise<void> {
    const { endpoint } = this.#options
    this.#count -= 1
    if (this.#count > 0 || !this.#isForLoans || endpoint.isEnded) return
    this.#isForLoans = false
    await endpoint.stop()
  }

  /** Beginnings and ends one after the other: an end must not stop what has just begun. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }
}

/** Resolves when `signal` aborts; rejects when the endpoint is off. */
function untilStopped(
  endpoint: HostedEndpoint,
  signal: AbortSignal,
): { readonly promise: Promise<void>; dispose(): void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  promise.catch(() => undefined)
  const onAbort = (): void => resolve()
  const changes = endpoint.onDidChange(({ state }) => {
    if (state === 'off' || state === 'failed') {
      reject(new WorkbenchError('closed', 'The endpoint was stopped elsewhere'))
    }
  })
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) resolve()
  return {
    promise,
    dispose() {
      signal.removeEventListener('abort', onAbort)
      changes.dispose()
    },
  }
}
