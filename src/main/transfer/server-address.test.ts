/** Goal: an address says where to connect as it does for libpq, or why it cannot be used, without its password. */

import { describe, expect, it } from 'vitest'
import { parseServerAddress } from './server-address.ts'

const plain = {
  ...{ host: 'localhost', port: 5432, database: 'postgres', user: 'postgres', tlsMode: 'prefer' },
  ...{ caFile: null, certificateFile: null, keyFile: null },
  ...{ isReadOnly: false, label: '', colour: 'none', connectionsMax: 1 },
}

describe('parseServerAddress', () => {
  it.each([
    ['postgres://', {}, null],
    [
      'postgresql://ada:p%40%2Fw@db:6543/shop',
      { host: 'db', port: 6543, user: 'ada', database: 'shop' },
      'p@/w',
    ],
    ['postgres://ada@db', { host: 'db', user: 'ada', database: 'ada' }, null],
    ['postgres://[::1]:1/b%20c', { host: '::1', port: 1, database: 'b c' }, null],
    [
      'postgres:///x?host=/run/pg&port=7&user=u',
      { host: '/run/pg', port: 7, user: 'u', database: 'x' },
      null,
    ],
    [
      'postgres://db/x?sslmode=verify-full&sslrootcert=/ca.pem',
      { host: 'db', database: 'x', tlsMode: 'verify-full', caFile: '/ca.pem' },
      null,
    ],
    ['postgres://db?sslmode=allow&application_name=y', { host: 'db' }, null],
  ])('%s', (url, wanted, password) => {
    expect(parseServerAddress(url)).toEqual({ connection: { ...plain, ...wanted }, password })
  })

  it.each([
    ['mysql://root:secret@db', 'it is not postgres://'],
    ['postgres://u:secret@db:99999/x', 'cannot be used'],
    ['postgres://u:secret@db/x?sslmode=maybe', 'sslmode has to be one of disable'],
    ['postgres://u:secret@db/x?options=-c', 'the parameter options'],
    ['postgres://u:secret#1@db/x', 'cannot be used'],
  ])('refuses %s, without the password in its words', (url, words) => {
    expect(() => parseServerAddress(url)).toThrow(words)
    expect(() => parseServerAddress(url)).not.toThrow('secret')
  })
})
