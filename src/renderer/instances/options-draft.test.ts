/** The options of a database as they are typed. */

import { describe, expect, it } from 'vitest'
import { defaultInstanceOptions } from '../../contract/instance-options.ts'
import { draftOf, optionsOf, problemsOf } from './options-draft.ts'

describe('a draft of options', () => {
  const options = {
    ...defaultInstanceOptions,
    extensions: ['pg_stat_statements'],
    settings: [{ name: 'work_mem', value: '16MB' }],
  }

  it('comes back as it was when nothing was typed', () => {
    expect(optionsOf(draftOf(options), options)).toEqual(options)
    expect(problemsOf(draftOf(options))).toEqual({})
  })

  it('leaves out what was emptied, and keeps what is not in the form', () => {
    const draft = { durability: 'relaxed', settings: { work_mem: ' ', temp_buffers: ' 16MB ' } } as const
    expect(optionsOf(draft, options)).toEqual({
      ...{ durability: 'relaxed', extensions: ['pg_stat_statements'] },
      settings: [{ name: 'temp_buffers', value: '16MB' }],
    })
  })

  it('says what is wrong with each setting', () => {
    const { settings } = draftOf(options)
    const draft = {
      durability: 'durable',
      settings: { ...settings, work_mem: '4', temp_buffers: '9GB' },
    } as const
    expect(Object.keys(problemsOf(draft)).sort()).toEqual(['temp_buffers', 'work_mem'])
  })
})
