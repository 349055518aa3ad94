/** What flags of a command change about the options of an instance. Knows no command. */

import type { InstanceOptions } from '../../contract/instance-options.ts'
import { UsageError } from './exit-code.ts'
import { visibleText } from './terminal-text.ts'

export interface OptionFlags {
  readonly durability?: InstanceOptions['durability']
  /** Each `name=value`; without a value, one is taken back. */
  readonly setting: readonly string[]
}

/** Throws UsageError for what is no `name=value`; whether there is such a setting, the host knows. */
export function changedOptions(
  before: InstanceOptions,
  { durability, setting }: OptionFlags,
): InstanceOptions {
  const settings = new Map(before.settings.map(({ name, value }) => [name, value]))
  for (const text of setting) {
    const [, name, value] = /^([a-z_]+)=(.*)$/.exec(text) ?? []
    if (name === undefined || value === undefined) {
      throw new UsageError(`A setting is written as work_mem=16MB, not as ${visibleText(text)}`)
    }
    if (value === '') settings.delete(name)
    else settings.set(name, value)
  }
  return {
    ...before,
    durability: durability ?? before.durability,
    settings: [...settings].map(([name, value]) => ({ name, value })),
  }
}
