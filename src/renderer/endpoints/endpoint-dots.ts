/** The mark of each state that an endpoint can be in. */

import type { Endpoint } from '../../contract/endpoint.ts'
import type { DotKind } from '../widgets/state-dot.tsx'

export const endpointDots: Readonly<Record<Endpoint['state'], DotKind>> = {
  off: 'idle',
  starting: 'waiting',
  listening: 'ok',
  stopping: 'waiting',
  failed: 'failed',
}
