/** How the states of an instance are told, the same everywhere. Pure. */

import type { Instance } from '../../contract/instance.ts'
import type { DotKind } from './state-dot.tsx'
import { formatBytes } from './number-format.ts'

export const stateWords: Readonly<Record<Instance['state'], string>> = {
  stopped: 'stopped',
  starting: 'starting',
  ready: 'ready',
  restarting: 'restarting after a crash',
  failed: 'could not be opened',
}

/** `memory · 38 MB`, `disk · stopped`, `db.example.org:5432`: what matters next to the name. */
export function describeInstance({ storage, state, sizeBytes, remote }: Instance): string {
  const parts = [
    remote ? `${remote.host}:${remote.port}` : null,
    storage === 'memory' ? 'memory' : storage === 'directory' ? 'disk' : null,
    state === 'ready' ? null : stateWords[state],
    sizeBytes === null ? null : formatBytes(sizeBytes),
  ]
  return parts.filter((part) => part !== null).join(' · ')
}

/** What taking it out of the list is called, since it is not the same for all. */
export function removalWords({ name, storage }: Pick<Instance, 'name' | 'storage'>): string {
  if (storage === 'remote') return `Forget ${name}`
  return storage === 'memory' ? `Delete ${name}…` : `Move ${name} to the trash`
}

/** Which dot stands for a state. */
export function dotOfState(state: Instance['state']): DotKind {
  if (state === 'ready') return 'ok'
  if (state === 'failed') return 'failed'
  return state === 'stopped' ? 'idle' : 'waiting'
}
