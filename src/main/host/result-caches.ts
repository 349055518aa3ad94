/**
 * The caches of all instances: made when somebody first asks, set as their owners have said, emptied when an engine
 * has ended. Knows no result.
 */

import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { onDispose, type Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import { cacheOptionsSchema, defaultCacheOptions, type CacheOptions } from '../../contract/cache.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { InstanceCache } from '../cache/instance-cache.ts'
import { SessionResultCache } from '../cache/session-result-cache.ts'
import type { SessionCache, SessionCaches } from '../session/statement-cache.ts'
import { readJson, writePrivateJson } from '../storage/private-files.ts'
import type { HostedInstance } from './hosted-instance.ts'
import type { InstanceRegistry } from './instance-registry.ts'
import type { RemoteRegistry } from './remote-registry.ts'

const optionsFile = 'cache.json'

/** Whoever looks is told that often. */
const tellingMs = 1_000

/**
 * Keeping a result takes some questions to the engine, two to four milliseconds together; a statement that took less
 * is run again.
 */
export const defaultDurationMinMs = 4

export interface ResultCachesOptions {
  readonly instances: InstanceRegistry
  readonly remotes: RemoteRegistry
  readonly clock: Clock
  /** A statement that took less is run again. */
  readonly durationMinMs: number
}

/** Hits and misses since the host has started, and what is kept now. */
export interface CacheNumbers {
  readonly hits: number
  readonly misses: number
  readonly bytes: number
  readonly entries: number
}

/** The cache of one instance, and what is known of its options. */
interface Known {
  readonly cache: InstanceCache
  readonly loading: Promise<void>
  telling: Disposable | null
}

export class ResultCaches implements SessionCaches, Disposable {
  readonly #options: ResultCachesOptions
  readonly #known = new Map<string, Known>()
  readonly #sessions = new WeakMap<SessionCache, SessionResultCache>()
  readonly #didChange = new Emitter<string>()
  /** The id of an instance, at most once a second. */
  readonly onDidChange = this.#didChange.event
  readonly #tracking: Disposable

  constructor(options: ResultCachesOptions) {
    this.#options = options
    const losing = options.instances.onDidLoseEngine(({ id }) => this.#known.get(id)?.cache.useEngine(null))
    const deleting = options.instances.onWillDelete(({ id }) => this.#forget(id))
    this.#tracking = onDispose('result-caches', () => {
      losing.dispose()
      deleting.dispose()
      for (const id of [...this.#known.keys()]) this.#forget(id)
      this.#didChange.dispose()
    })
  }

  open(instanceId: string): SessionCache | null {
    if (this.#options.remotes.find(instanceId)) return null
    const session = new SessionResultCache(this.#of(instanceId).cache, this.#options.clock)
    this.#sessions.set(session, session)
    return session
  }

  /** Throws `not-found`, and `unsupported` for a server elsewhere. */
  async of(instanceId: string): Promise<InstanceCache> {
    if (this.#options.remotes.find(instanceId)) {
      throw new WorkbenchError(
        'unsupported',
        'Results of a server elsewhere are not kept: others write there, too',
      )
    }
    const { cache, loading } = this.#of(instanceId)
    await loading
    return cache
  }

  /** At once; null where nothing was ever kept. */
  numbersOf(instanceId: string): CacheNumbers | null {
    const cache = this.#known.get(instanceId)?.cache
    if (!cache) return null
    const { hits, misses } = cache.ledger.counts
    return { hits, misses, bytes: cache.bytes, entries: cache.entryCount }
  }

  async setOptions(instanceId: string, options: CacheOptions): Promise<CacheOptions> {
    const cache = await this.of(instanceId)
    const path = optionsPath(this.#options.instances.get(instanceId))
    if (path !== null) await writePrivateJson(path, options)
    cache.configure(options)
    return cache.options
  }

  /** Whether a session, by its cache, uses what is kept. */
  setSession(session: SessionCache | null, isOn: boolean): void {
    const found = session && this.#sessions.get(session)
    if (found) found.isOff = !isOn
  }

  dispose(): void {
    this.#tracking.dispose()
  }

  #of(instanceId: string): Known {
    const instance = this.#options.instances.get(instanceId)
    const found = this.#known.get(instanceId)
    if (found) return found
    const { clock, durationMinMs } = this.#options
    const cache = new InstanceCache({ clock, durationMinMs, options: defaultCacheOptions })
    const known: Known = { cache, telling: null, loading: load(instance, cache) }
    cache.onDidChange(() => this.#tellSoon(instanceId, known))
    this.#known.set(instanceId, known)
    return known
  }

  #tellSoon(instanceId: string, known: Known): void {
    known.telling ??= this.#options.clock.after(tellingMs, () => {
      known.telling = null
      this.#didChange.fire(instanceId)
    })
  }

  #forget(instanceId: string): void {
    const known = this.#known.get(instanceId)
    this.#known.delete(instanceId)
    known?.telling?.dispose()
    known?.cache.dispose()
  }
}

function optionsPath({ directory }: HostedInstance): string | null {
  return directory === null ? null : join(directory, optionsFile)
}

/** What cannot be read is as if nothing had been said. */
async function load(instance: HostedInstance, cache: InstanceCache): Promise<void> {
  const path = optionsPath(instance)
  if (path === null) return
  try {
    const value = await readJson(path)
    if (value !== null) cache.configure(cacheOptionsSchema.parse(value, optionsFile))
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error
  }
}
