/** An instance as the host tells of it, for tests that need any one. Fields that matter are the test's own. */

import { defaultInstanceOptions } from '../../src/contract/instance-options.ts'
import type { Instance } from '../../src/contract/instance.ts'

export const exampleInstance: Instance = {
  id: 'i1',
  name: 'shop',
  engine: 'pglite',
  storage: 'directory',
  state: 'ready',
  failure: null,
  serverVersion: '18.6',
  engineVersion: null,
  sizeBytes: null,
  createdAtMs: 0,
  directory: null,
  options: defaultInstanceOptions,
  needsRestart: false,
  remote: null,
}
