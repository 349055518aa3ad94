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

/** `memory · 38 MB`, `disk · stopped`: what matters next to the name. */
export function describeInstance({ storage, state, sizeBytes }: Instance): string {
  const parts = [
    storage === 'directory' ? 'disk' : storage === 'remote' ? 'server' : storage,
    state === 'ready' ? null : stateWords[state],
    sizeBytes === null ? null : formatBytes(sizeBytes),
  ]
  return parts.filter((part) => part !== null).join(' · ')
}

/** Which dot stands for a state. */
export function dotOfState(state: Instance['state']): DotKind {
  if (state === 'ready') return 'ok'
  if (state === 'failed') return 'failed'
  return state === 'stopped' ? 'idle' : 'waiting'
}
