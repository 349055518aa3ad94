/** Which names an instance may have. */

import { describe, expect, it } from 'vitest'
import { checkName } from './instance-record.ts'

describe('the name of an instance', () => {
  it.each(['shop', 'a/b', '..', '-dash', 'CON', 'ünï', '店', '❤️', '👩\u200d💻', ' padded '])(
    'may be %j',
    (name) => {
      expect(checkName(name)).toBe(name.trim())
    },
  )

  it('is kept in its composed form, so that the same name is the same', () => {
    expect(checkName('u\u0308ber')).toBe('über')
  })

  it.each(['', ' ', '\u200b', '\u202e', 'a\tb', 'a\u202eb', 'a\u2028b', '\u0301', '\ud800'])(
    'may not be %j',
    (name) => {
      expect(() => checkName(name)).toThrow('a name of visible characters')
    },
  )
})
