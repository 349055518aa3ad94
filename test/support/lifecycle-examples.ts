/** Examples of the rows of lifecycle-calls.ts. */

import { defaultInstanceOptions } from '../../src/contract/instance-options.ts'
import { exampleInstance } from './example-instance.ts'

const instance = { ...exampleInstance, engineVersion: '0.5.16', directory: '/data/instances/i1' }
const entry = { instanceId: 'i1', deletedAtMs: 1_790_000_000_000 }

export const lifecycleExamples = {
  'instance.rename': { params: { instanceId: 'i1', name: 'sales' }, result: instance },
  'instance.configure': {
    params: { instanceId: 'i1', options: { ...defaultInstanceOptions, durability: 'relaxed' } },
    result: instance,
  },
  'extension.list': {
    params: { instanceId: 'i1' },
    result: [
      {
        ...{ name: 'hstore', version: '1.8', comment: 'key and value', needsPreload: false },
        installedVersion: '1.8',
      },
    ],
  },
  'extension.add': { params: { instanceId: 'i1', name: 'hstore' }, result: instance },
  'instance.open': {
    params: { directory: '/old/data', name: null, isCopied: true },
    chunks: [{ doneBytes: 1, totalBytes: 2 }],
    result: instance,
  },
  'instance.suggestFile': { params: { instanceId: 'i1' }, result: { file: '/files/shop.wardian' } },
  'instance.export': {
    params: { instanceId: 'i1', file: '/files/shop.wardian', mayReplace: false },
    chunks: [{ doneBytes: 1, totalBytes: 2 }],
    result: { byteCount: 4_000_000 },
  },
  'instance.import': {
    params: { file: '/files/shop.wardian', name: 'shop 2' },
    chunks: [],
    result: instance,
  },
  'trash.list': {
    params: null,
    result: [
      {
        ...{ ...entry, name: 'shop', keptUntilMs: 1_792_000_000_000, sizeBytes: 41_000_000 },
        directory: '/data/trash/i1-1790000000000',
        isServer: false,
      },
    ],
  },
  'trash.restore': { params: { entry, name: 'shop 2' }, result: instance },
  'trash.remove': { params: entry, result: null },
} as const
