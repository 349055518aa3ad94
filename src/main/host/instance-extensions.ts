/**
 * Which extensions an instance has and could have, and adding one: by CREATE EXTENSION, behind a restart where its
 * library must be loaded when Postgres starts. Knows no extension by name.
 */

import type { Clock } from '../../base/clock.ts'
import type { Instance } from '../../contract/instance.ts'
import type { Extension } from '../../contract/lifecycle-calls.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { availableExtensions } from '../engine/pglite/extensions/available-extensions.ts'
import { missingExtensions } from '../engine/pglite/extensions/extension-bundle.ts'
import { withHostSession } from './host-session.ts'
import { checkInstanceOptions } from './instance-options-check.ts'
import type { InstanceRegistry, NewInstance } from './instance-registry.ts'

const title = 'Extensions'
const listSql = `select name::text, default_version::text, installed_version::text, coalesce(comment, '')::text
  from pg_available_extensions order by name`

export class InstanceExtensions {
  readonly #instances: InstanceRegistry
  readonly #clock: Clock

  constructor(instances: InstanceRegistry, clock: Clock) {
    this.#instances = instances
    this.#clock = clock
  }

  /** Those that there are; of an instance that runs, also which it has. It is not started for that. */
  async list(instanceId: string | null, signal: AbortSignal): Promise<Extension[]> {
    const offered = availableExtensions()
    const preloads = new Set(offered.filter(({ needsPreload }) => needsPreload).map(({ name }) => name))
    const instance = instanceId === null ? null : this.#instances.get(instanceId)
    if (instance?.describe().state !== 'ready') {
      return offered.map((each) => ({ ...each, installedVersion: null }))
    }
    const rows = await withHostSession(instance, { clock: this.#clock, title }, (queries) =>
      queries.rows(listSql, [], signal),
    )
    const isHere = instance.describe().engine === 'pglite'
    return rows.flatMap(([name, version, installedVersion = null, comment]) => {
      if (!name || (isHere && missingExtensions.has(name))) return []
      const needsPreload = isHere && preloads.has(name)
      return [{ name, version: version ?? '', comment: comment ?? '', needsPreload, installedVersion }]
    })
  }

  /** Creates an instance that has these from the beginning; leaves none where that fails. */
  async create(wanted: NewInstance, extensions: readonly string[]): Promise<Instance> {
    const { options } = wanted
    const chosen = { durability: 'durable', extensions: [], settings: [], ...options } as const
    checkInstanceOptions({ ...chosen, extensions: [...chosen.extensions, ...extensions] })
    const loaded = [...new Set([...chosen.extensions, ...extensions.filter(needsPreload)])]
    const all = {
      ...wanted,
      ...(options || loaded.length > 0 ? { options: { ...chosen, extensions: loaded } } : {}),
    }
    const instance = await this.#instances.create(all)
    try {
      await this.#make(instance.id, extensions)
    } catch (error) {
      await this.#instances.delete(instance.id)
      throw error
    }
    return this.#instances.get(instance.id).describe()
  }

  /** Restarts the instance where the extension must be loaded at the start. Throws what Postgres says of it. */
  async add(instanceId: string, name: string): Promise<Instance> {
    const instance = this.#instances.get(instanceId)
    const { options, engine } = instance.describe()
    if (engine === 'pglite' && options) {
      checkInstanceOptions({ ...options, extensions: [name] })
      if (needsPreload(name) && !options.extensions.includes(name)) {
        if (instance.directory === null) throw wouldLoseAll(instance.name, name)
        await instance.configure({ ...options, extensions: [...options.extensions, name] })
        if (instance.isRunning) await instance.stop()
      }
    }
    await this.#make(instanceId, [name])
    return instance.describe()
  }

  async #make(instanceId: string, names: readonly string[]): Promise<void> {
    if (names.length === 0) return
    const { signal } = new AbortController()
    await withHostSession(this.#instances.get(instanceId), { clock: this.#clock, title }, async (queries) => {
      for (const name of names) {
        // Other names have been refused.
        if (name.includes('"'))
          throw new WorkbenchError('invalid-argument', `${name} is no name of an extension`)
        await queries.rows(`create extension if not exists "${name}" cascade`, [], signal)
      }
    })
  }
}

function needsPreload(name: string): boolean {
  return availableExtensions().some((each) => each.name === name && each.needsPreload)
}

function wouldLoseAll(name: string, extension: string): WorkbenchError {
  return new WorkbenchError(
    'unsupported',
    `${extension} must be loaded when Postgres starts, and a restart would lose what ${name} has in memory; make ` +
      'another instance with it',
  )
}
