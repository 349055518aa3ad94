/** What the table of databases says of each, and how it sorts. Pure. */

import type { Instance } from '../../contract/instance.ts'
import { stateWords } from '../widgets/instance-words.ts'
import { formatBytes } from '../widgets/number-format.ts'

export const instanceColumns = [
  ['name', 'Name'],
  ['state', 'State'],
  ['engine', 'Engine'],
  ['size', 'Size'],
  ['storage', 'Kept'],
  ['durability', 'Commits'],
  ['created', 'Created'],
] as const
export type InstanceColumn = (typeof instanceColumns)[number][0]

/** `Postgres 18.6 · PGlite 0.5.16`; what has never been opened has no version yet. */
export function engineWords({ engine, serverVersion, engineVersion }: Instance): string {
  const server = serverVersion === null ? 'Postgres' : `Postgres ${serverVersion}`
  if (engine === 'postgres')
    return `${engineVersion ?? 'Postgres'}${serverVersion === null ? '' : ` ${serverVersion}`}`
  return `${server} · PGlite${engineVersion === null ? '' : ` ${engineVersion}`}`
}

export function sizeWords({ sizeBytes }: Instance): string {
  return sizeBytes === null ? '' : formatBytes(sizeBytes)
}

export function storageWords({ storage }: Instance): string {
  if (storage === 'remote') return 'on a server'
  return storage === 'memory' ? 'in memory' : 'on disk'
}

/** Nothing is durable in memory. */
export function durabilityWords({ storage, options }: Instance): string {
  if (storage !== 'directory' || options === null) return ''
  return options.durability
}

export function sortInstances(
  instances: readonly Instance[],
  column: InstanceColumn,
  direction: 'ascending' | 'descending',
): readonly Instance[] {
  const sign = direction === 'descending' ? -1 : 1
  const byColumn = (a: Instance, b: Instance): number => compareBy(column, a, b) * sign
  return [...instances].sort((a, b) => byColumn(a, b) || a.name.localeCompare(b.name))
}

function compareBy(column: InstanceColumn, a: Instance, b: Instance): number {
  switch (column) {
    case 'size':
      return (a.sizeBytes ?? -1) - (b.sizeBytes ?? -1)
    case 'created':
      return a.createdAtMs - b.createdAtMs
    case 'name':
      return a.name.localeCompare(b.name)
    case 'state':
      return stateWords[a.state].localeCompare(stateWords[b.state])
    case 'engine':
      return engineWords(a).localeCompare(engineWords(b))
    case 'storage':
      return storageWords(a).localeCompare(storageWords(b))
    case 'durability':
      return durabilityWords(a).localeCompare(durabilityWords(b))
  }
}
