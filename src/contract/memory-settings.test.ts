/** Which settings of memory an instance may have. */

import { describe, expect, it } from 'vitest'
import { memorySettingProblem, memorySettings, sizeInKb } from './memory-settings.ts'

describe('a setting of memory', () => {
  it.each(memorySettings)('$name has a default within its bounds', ({ name, defaultValue }) => {
    expect(memorySettingProblem(name, defaultValue)).toBeNull()
  })

  it.each(memorySettings)('$name ends at both of its bounds', ({ name, minKb, maxKb }) => {
    const problems = [minKb - 1, minKb, maxKb, maxKb + 1].map((kb) => memorySettingProblem(name, `${kb}kB`))
    expect(problems.map((problem) => problem === null)).toEqual([false, true, true, false])
  })

  it.each(['', '4', 'MB', '4 TB', '-4MB', '4.5MB', '4MB -c fsync=off', '99999999999GB'])(
    'is not %j',
    (value) => {
      expect(sizeInKb(value)).toBeNull()
      expect(memorySettingProblem('work_mem', value)).toContain('a size such as 4MB')
    },
  )

  it('is none of the others that Postgres has', () => {
    expect(memorySettingProblem('fsync', 'off')).toContain('cannot be chosen')
  })
})
