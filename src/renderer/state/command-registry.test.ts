/** The list of commands: lookups by key, replacement, and failures that reach the user. */

import { describe, expect, it } from 'vitest'
import { CommandRegistry, type Command } from './command-registry.ts'

const command = (id: string, fields: Partial<Command> = {}): Command => ({
  id,
  title: id,
  group: 'Test',
  run: () => undefined,
  ...fields,
})

describe('the command registry', () => {
  it('finds the enabled command of a key, and none whose key is handled elsewhere', () => {
    const registry = new CommandRegistry(() => undefined)
    const registration = registry.register([
      command('off', { keys: ['F5'], isEnabled: () => false }),
      command('editor', { keys: ['F7'], isKeyHandledElsewhere: true }),
      command('on', { keys: ['Mod+Enter', 'F5'] }),
    ])
    expect(registry.forKeys('F5')?.id).toBe('on')
    expect(registry.forKeys('F7')).toBeNull()
    registration.dispose()
    expect(registry.list.value).toEqual([])
  })

  it('lets a later registration take the place of an id, and keeps it when the earlier one goes', () => {
    const registry = new CommandRegistry(() => undefined)
    const first = registry.register([command('a', { title: 'first' })])
    const second = registry.register([command('a', { title: 'second' })])
    first.dispose()
    expect(registry.find('a')?.title).toBe('second')
    second.dispose()
  })

  it('reports what goes wrong, whether thrown at once or later', async () => {
    const failures: unknown[] = []
    const registry = new CommandRegistry((error) => failures.push(error))
    const throwsAtOnce = (): void => {
      throw new Error('at once')
    }
    const registration = registry.register([
      command('now', { run: throwsAtOnce }),
      command('later', { run: () => Promise.reject(new Error('later')) }),
    ])
    registry.run('now')
    registry.run('later')
    await Promise.resolve()
    await Promise.resolve()
    expect(failures.map(String)).toEqual(['Error: at once', 'Error: later'])
    expect(registry.run('unknown')).toBe(false)
    registration.dispose()
  })
})
