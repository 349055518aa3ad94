/** What comes before the windows waits for them; what another start sends is looked at before it is believed. */

import { describe, expect, it } from 'vitest'
import { argumentsOf, OpenInbox } from './open-inbox.ts'
import type { OpenTarget } from './open-target.ts'
import { usualShellSettings } from './shell-record.ts'
import { startNotices } from './start-notices.ts'

const file = (name: string): OpenTarget => ({ kind: 'sql-file', file: name })

describe('what is to be opened', () => {
  it('waits until there are windows, and then does not', () => {
    const inbox = new OpenInbox()
    const delivered: OpenTarget[][] = []
    inbox.put([file('a')])
    inbox.put([])
    inbox.put([file('b')])
    inbox.open((targets) => delivered.push([...targets]))
    inbox.put([file('c')])
    expect(delivered).toEqual([[file('a'), file('b')], [file('c')]])
  })

  it('is nothing where nothing came', () => {
    const inbox = new OpenInbox()
    inbox.open(() => expect.unreachable())
  })
})

describe('what a second start sends', () => {
  const otherwise = { args: ['a.sql'], folder: 'here' }

  it('counts when it is a command line', () => {
    expect(argumentsOf({ args: ['b.sql'], folder: 'there' }, otherwise)).toEqual({
      args: ['b.sql'],
      folder: 'there',
    })
  })

  it.each([null, undefined, 'b.sql', {}, { args: 'b.sql', folder: 'x' }, { args: [1], folder: 'x' }])(
    'does not count when it is %j',
    (sent) => {
      expect(argumentsOf(sent, otherwise)).toBe(otherwise)
    },
  )
})

describe('a start', () => {
  const usual = { settings: usualShellSettings, hasGpuFailed: false }

  it('has nothing to say when all is well', () => {
    expect(startNotices(usual, { isSandboxOff: false })).toEqual([])
    const unwished = { settings: { ...usualShellSettings, usesGpu: false }, hasGpuFailed: true }
    expect(startNotices(unwished, { isSandboxOff: false })).toEqual([])
  })

  it('tells of a sandbox that is off and of a graphics processor that failed', () => {
    const notices = startNotices({ ...usual, hasGpuFailed: true }, { isSandboxOff: true })
    expect(notices).toEqual([
      expect.stringContaining('--no-sandbox'),
      expect.stringContaining('graphics processor'),
    ])
  })
})
