/** What is typed into the form of a policy, on its way there and back. */

import { expect, test } from 'vitest'
import { defaultSnapshotPolicy, snapshotPolicySchema } from '../../contract/snapshot.ts'
import { draftOf, policyOf, problemsOf } from './policy-draft.ts'

test('a policy is the same after it was shown and saved', () => {
  const policy = { ...defaultSnapshotPolicy, everyMs: 3_600_000 }
  expect(policyOf(draftOf(policy))).toEqual(policy)
  expect(policyOf(draftOf(defaultSnapshotPolicy))).toEqual(defaultSnapshotPolicy)
  expect(draftOf(policy).everyMinutes).toBe('60')
})

test('what is accepted, the host accepts; the rest is named', () => {
  const draft = draftOf(defaultSnapshotPolicy)
  expect(problemsOf(draft)).toEqual({})
  expect(Object.keys(problemsOf({ ...draft, everyMinutes: '0', budgetMegabytes: 'much' }))).toEqual([
    'everyMinutes',
    'budgetMegabytes',
  ])
  const most = { ...draft, everyMinutes: '44640', distanceSeconds: '604800', budgetMegabytes: '1073741824' }
  expect(problemsOf(most)).toEqual({})
  expect(() => snapshotPolicySchema.parse(policyOf(most), 'policy')).not.toThrow()
})
