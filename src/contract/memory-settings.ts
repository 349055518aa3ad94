/**
 * The settings that say how much memory an instance may take: what each costs, and within which bounds. They are
 * chosen when it is made, or later, and count from the next start on.
 */

export interface MemorySetting {
  readonly name: string
  /** What it is, and what more of it costs. */
  readonly purpose: string
  readonly defaultValue: string
  readonly minKb: number
  readonly maxKb: number
}

const mb = 1_024

/**
 * PostgreSQL 18 documentation, section 19.4.1, with its defaults and lower bounds. The heap of WebAssembly ends at 2
 * GB, which all of them share: the upper bounds leave room for each other.
 */
export const memorySettings: readonly MemorySetting[] = [
  {
    name: 'shared_buffers',
    purpose: 'Pages that are kept in memory. Pages that are used stay in the memory of the host.',
    ...{ defaultValue: '128MB', minKb: mb, maxKb: 512 * mb },
  },
  {
    name: 'work_mem',
    purpose:
      'What each sort or hash table may take before it spills to disk. One statement may have several.',
    ...{ defaultValue: '4MB', minKb: 64, maxKb: 256 * mb },
  },
  {
    name: 'maintenance_work_mem',
    purpose: 'What building an index or VACUUM may take while it runs.',
    ...{ defaultValue: '64MB', minKb: mb, maxKb: 512 * mb },
  },
  {
    name: 'temp_buffers',
    purpose: 'Pages of temporary tables that each session keeps in memory.',
    ...{ defaultValue: '8MB', minKb: 800, maxKb: 256 * mb },
  },
]

const factors: Readonly<Record<string, number>> = { kb: 1, mb, gb: mb * mb }

/** Kilobytes of `64MB`; null where it is no whole number with a unit. */
export function sizeInKb(value: string): number | null {
  const [, digits, unit = ''] = /^\s*(\d{1,9})\s*(kb|mb|gb)\s*$/i.exec(value) ?? []
  const factor = factors[unit.toLowerCase()]
  return digits === undefined || factor === undefined ? null : Number(digits) * factor
}

/** What is wrong with a setting, in words for the user; null if nothing is. */
export function memorySettingProblem(name: string, value: string): string | null {
  const setting = memorySettings.find((each) => each.name === name)
  if (!setting) {
    const known = memorySettings.map((each) => each.name).join(', ')
    return `${name} cannot be chosen for an instance; there are ${known}. Others are set by SQL (ALTER SYSTEM)`
  }
  const kb = sizeInKb(value)
  if (kb === null) return `${name} is a size such as ${setting.defaultValue}, not ${value}`
  if (kb >= setting.minKb && kb <= setting.maxKb) return null
  return `${name} is from ${inWords(setting.minKb)} to ${inWords(setting.maxKb)}, not ${value}`
}

function inWords(kb: number): string {
  return kb % mb === 0 ? `${kb / mb}MB` : `${kb}kB`
}
