/** Which executions of prepared statements are commands for databases. */

import { serialize } from 'pg-protocol'
import { expect, test } from 'vitest'
import { PreparedDatabaseCommands } from './prepared-database-commands.ts'

const sync = serialize.sync()

function prepare(name: string, text: string): Buffer {
  return Buffer.concat([serialize.parse({ name, text }), serialize.describe({ type: 'S', name }), sync])
}

function execution(statement: string, more: { portal?: string; values?: string[] } = {}): Buffer {
  const bind = serialize.bind({ statement, ...more })
  return Buffer.concat([bind, serialize.describe({ type: 'P' }), serialize.execute(more), sync])
}

test.each(['', 'one'])(
  'a statement named %j that was prepared before is read where it is executed',
  (name) => {
    const commands = new PreparedDatabaseCommands()
    expect(commands.isEmpty).toBe(true)
    commands.note(prepare(name, 'create database shop'))
    expect(commands.isEmpty).toBe(false)
    const request = commands.read(execution(name))
    expect(request?.command).toMatchObject({ kind: 'create', name: 'shop' })
    expect(Buffer.from(request?.before ?? []).toString('latin1')).toMatch(/^2.{4}n.{4}$/s)
    expect(commands.read(execution('other'))).toBe(null)
    expect(commands.read(execution(name, { values: ['1'] }))).toBe(null)
    expect(commands.read(execution(name, { portal: 'p' }))).toBe(null)
    expect(commands.read(Buffer.concat([execution(name), execution(name)]))).toBe(null)
    const both = Buffer.concat([serialize.parse({ name, text: 'create database shop' }), execution(name)])
    expect(commands.read(both)?.command.name).toBe('shop')
    expect(commands.read(Buffer.concat([serialize.parse({ name: 'x', text: '' }), execution(name)]))).toBe(
      null,
    )
    const whole = execution(name)
    for (let length = 0; length < whole.length; length++) {
      expect(commands.read(whole.subarray(0, length))).toBe(null)
    }
  },
)

test.each([
  ['is prepared anew', prepare('', 'select 1')],
  ['is unnamed and a simple query comes', serialize.query('select 1')],
  ['is closed', Buffer.concat([serialize.close({ type: 'S', name: '' }), sync])],
  ['stands before what is too long to look at', Buffer.of()],
])('a statement that %s is nobody’s any more', (_, bytes) => {
  const commands = new PreparedDatabaseCommands()
  commands.note(prepare('', 'drop database shop'))
  commands.note(bytes)
  expect(commands.read(execution(''))).toBe(null)
})

test('a named statement outlives other queries, until all are discarded', () => {
  const commands = new PreparedDatabaseCommands()
  commands.note(prepare('drop', 'drop database shop'))
  commands.note(serialize.query('select 1'))
  expect(commands.read(execution('drop'))).not.toBe(null)
  commands.note(serialize.query('discard all'))
  expect(commands.read(execution('drop'))).toBe(null)
})
