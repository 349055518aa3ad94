/** The options of a database while they are edited: texts, and what is wrong with them. Pure. */

import type { InstanceOptions } from '../../contract/instance-options.ts'
import { memorySettingProblem, memorySettings } from '../../contract/memory-settings.ts'

export interface OptionsDraft {
  readonly durability: InstanceOptions['durability']
  /** By name; empty for Postgres's own default. */
  readonly settings: Readonly<Record<string, string>>
}

export function draftOf({ durability, settings }: InstanceOptions): OptionsDraft {
  const given = new Map(settings.map(({ name, value }) => [name, value]))
  return {
    durability,
    settings: Object.fromEntries(memorySettings.map(({ name }) => [name, given.get(name) ?? ''])),
  }
}

/** `options` as the draft has them. */
export function optionsOf({ durability, settings }: OptionsDraft, options: InstanceOptions): InstanceOptions {
  const given = Object.entries(settings).map(([name, value]) => ({ name, value: value.trim() }))
  return { ...options, durability, settings: given.filter(({ value }) => value !== '') }
}

/** By name of the setting. */
export function problemsOf({ settings }: OptionsDraft): Readonly<Record<string, string>> {
  const found = Object.entries(settings).flatMap(([name, value]) => {
    const problem = value.trim() === '' ? null : memorySettingProblem(name, value.trim())
    return problem === null ? [] : [[name, problem] as const]
  })
  return Object.fromEntries(found)
}
