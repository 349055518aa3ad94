/** Goal: whoever looks at a transfer reads what is being done, and how much of it is. */

import { describe, expect, it } from 'vitest'
import type { TransferProgress } from '../../contract/transfer.ts'
import { fractionOf, progressWords } from './progress-words.ts'

const running = { kind: 'restore', instanceId: 'i1', isCancelling: false } as const
const data: TransferProgress = { phase: 'data', table: 'public.orders', bytes: 1 << 20, bytesTotal: 4 << 20 }

describe('progressWords', () => {
  it.each([
    [null, 'Restoring'],
    [data, 'Restoring: rows of public.orders · 1.0 MB of 4.0 MB'],
    [{ ...data, bytes: 0, table: null, phase: 'checking' } as const, 'Restoring: checking both sides'],
    [{ ...data, bytes: 900, bytesTotal: null }, 'Restoring: rows of public.orders · 900 bytes'],
  ])('%j', (progress, words) => {
    expect(progressWords({ ...running, progress })).toBe(words)
  })

  it('says that it is being cancelled', () => {
    expect(progressWords({ ...running, progress: data, isCancelling: true })).toBe('Cancelling')
  })
})

describe('fractionOf', () => {
  it('is known where the whole is', () => {
    const others = [null, { ...data, bytesTotal: null }, { ...data, phase: 'committing' } as const]
    expect([data, { ...data, bytes: 9 << 20 }, ...others].map(fractionOf)).toEqual([
      0.25,
      1,
      null,
      null,
      null,
    ])
  })
})
