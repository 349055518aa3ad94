// Goal: layout changes spaces outside strings, and nothing else.
import { expect, test } from 'vitest'
import { indentJson } from './json-indent.ts'

test('members and elements stand on lines of their own, and no character of a value changes', () => {
  expect(indentJson('{"a":12345678901234567890.10,"b":[1,{"c":"x,{}\\""}],"d":{},"e":[ ]}')).toBe(
    [
      '{',
      '  "a": 12345678901234567890.10,',
      '  "b": [',
      '    1,',
      '    {',
      '      "c": "x,{}\\""',
      '    }',
      '  ],',
      '  "d": {},',
      '  "e": []',
      '}',
    ].join('\n'),
  )
})

test('text that is not JSON loses nothing but spaces', () => {
  for (const text of ['', 'abc', '}]', '"open', '{"a"', '\\']) {
    expect(indentJson(text).replaceAll(/\s/g, '')).toBe(text)
  }
})
