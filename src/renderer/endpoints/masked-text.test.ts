/** A password is out of sight in every form it has. */

import { expect, it } from 'vitest'
import { maskedText } from './masked-text.ts'

it.each([
  ['postgres://u:abc@h/d', 'abc', 'postgres://u:••••••@h/d'],
  ['postgres://u:a%20%2Fb@h/d', 'a /b', 'postgres://u:••••••@h/d'],
  [`PGPASSWORD='it'\\''s' psql`, `it's`, `PGPASSWORD='••••••' psql`],
  ['nothing here', 'abc', 'nothing here'],
])('%s', (text, password, masked) => expect(maskedText(text, password)).toBe(masked))
