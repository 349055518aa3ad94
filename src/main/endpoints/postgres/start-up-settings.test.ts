/** What the parameters of a start-up packet mean. */

import { describe, expect, test } from 'vitest'
import { startUpSettings } from './start-up-settings.ts'

const settingsOf = (parameters: Record<string, string>): unknown => [
  ...startUpSettings(new Map(Object.entries({ user: 'ann', ...parameters }))).settings,
]

function stateOf(parameters: Record<string, string>): unknown {
  try {
    return settingsOf(parameters)
  } catch (error) {
    return error
  }
}

describe('start-up settings', () => {
  test('name user and database, cut as names of Postgres are', () => {
    const of = (parameters: Record<string, string>): unknown =>
      startUpSettings(new Map(Object.entries(parameters)))
    expect(of({ user: 'ann' })).toEqual({ user: 'ann', database: 'ann', settings: new Map() })
    expect(of({ user: 'ann', database: '' })).toMatchObject({ database: 'ann' })
    expect(of({ user: 'ann', database: 'shop' })).toMatchObject({ user: 'ann', database: 'shop' })
    expect(of({ user: 'ü'.repeat(40) })).toMatchObject({ user: 'ü'.repeat(31) })
    for (const nobody of [{}, { user: '' }]) expect(() => of(nobody)).toThrow('no PostgreSQL user name')
  })

  test('take `options` apart as Postgres does, before everything else', () => {
    const options = String.raw`-c a.b=1 --search-path=x\ y,z  -cwork_mem=1MB -c c=a\\b` + '\t-c DateStyle=a=b'
    expect(settingsOf({ DateStyle: 'ISO', options, c: 'last' })).toEqual([
      ['a.b', '1'],
      ['search_path', 'x y,z'],
      ['work_mem', '1MB'],
      ['DateStyle', 'ISO'],
      ['c', 'last'],
    ])
    expect(settingsOf({ options: '' })).toEqual([])
    expect(settingsOf({ options: '-c a=' })).toEqual([['a', '']])
    expect(settingsOf({ options: '-eF -S 512 -B64 --' })).toEqual([
      ['DateStyle', 'euro'],
      ['fsync', 'false'],
      ['work_mem', '512'],
      ['shared_buffers', '64'],
    ])
  })

  test('refuse switches that cannot be read, and replication', () => {
    for (const options of ['-c', '-c a', 'a=1', '-x', '-', '-- a', '-S', '-ex', '--a', '-c a=1 b']) {
      expect(stateOf({ options }), options).toMatchObject({ sql: { code: '42601' } })
    }
    for (const replication of ['true', 'database', '1', 'on']) {
      expect(stateOf({ replication })).toMatchObject({ sql: { code: '0A000' } })
    }
    expect(stateOf({ replication: 'off' })).toEqual([])
  })
})
