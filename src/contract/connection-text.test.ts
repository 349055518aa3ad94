/** How servers are written down: in addresses and in words, as people and providers do. */

import { describe, expect, it } from 'vitest'
import { parseConnectionText } from './connection-text.ts'

describe('an address', () => {
  it('is read with everything that it may have', () => {
    const text =
      'postgresql://ada:p%40ss%2Fw@[::1]:5433/my%20db?sslmode=verify-full&sslrootcert=%2Fca.pem&sslcert=c&sslkey=k'
    expect(parseConnectionText(text)).toEqual({
      fields: {
        ...{ user: 'ada', host: '::1', port: 5433, database: 'my db', tlsMode: 'verify-full' },
        ...{ caFile: '/ca.pem', certificateFile: 'c', keyFile: 'k' },
      },
      password: 'p@ss/w',
      ignored: [],
    })
  })

  it.each([
    ['postgres://db.example.org', { host: 'db.example.org' }, null],
    ['POSTGRES://u@h/d', { user: 'u', host: 'h', database: 'd' }, null],
    ['postgres://u:@h', { user: 'u', host: 'h' }, null],
    ['postgres:///d?host=/var/run/postgresql', { database: 'd', host: '/var/run/postgresql' }, null],
    ['postgres://u:a:b@h', { user: 'u', host: 'h' }, 'a:b'],
    ['postgres://h?user=u&password=p&ssl=true', { host: 'h', user: 'u', tlsMode: 'require' }, 'p'],
  ])('%s leaves out what it likes', (text, fields, password) => {
    expect(parseConnectionText(text)).toEqual({ fields, password, ignored: [] })
  })

  it('names what has no effect', () => {
    const text =
      ' postgres://u:p@ep-x.neon.tech/db?sslmode=require&channel_binding=require&options=-c%20a%3Db\n'
    expect(parseConnectionText(text)).toMatchObject({
      password: 'p',
      ignored: ['channel_binding', 'options'],
    })
  })
})

describe('words', () => {
  it('are read as libpq does, with quotes and spaces', () => {
    const text = String.raw`host = h port=6432 dbname='my ''s'`
    expect(() => parseConnectionText(text)).toThrow('no connection string')
    expect(parseConnectionText(String.raw`host = h  port=6432 dbname='it\'s' user=u password='a b'`)).toEqual(
      {
        fields: { host: 'h', port: 6432, database: "it's", user: 'u' },
        password: 'a b',
        ignored: [],
      },
    )
  })
})

describe('what cannot be read', () => {
  it.each([
    ['', 'no connection string'],
    ['mysql://h/d', 'no connection string'],
    ['just words', 'no connection string'],
    ['postgres://a:1,b:2/d', 'Several hosts'],
    ['postgres://u:secret%ZZ@h/d', 'hexadecimal'],
    ['postgres://u:secret@h:99999/d', 'port'],
    ['postgres://u:secret@h:port/d', 'port'],
    ['postgres://u:secret@h/d?sslmode=sometimes', 'tlsMode'],
  ])('%s says why, and tells no password', (text, words) => {
    let message = ''
    try {
      parseConnectionText(text)
    } catch (error) {
      message = String(error)
    }
    expect(message).toContain(words)
    expect(message).not.toContain('secret')
  })
})
