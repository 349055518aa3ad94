/** Goal: `npm run e2e -- --target NAME` runs that target alone, and nothing else is taken for a target. */

import { expect, test } from 'vitest'
import { readE2eCommand } from './e2e-command.ts'

test('without a target everything is for Playwright', () => {
  expect(readE2eCommand(['e2e/x.spec.ts', '--workers=1'])).toEqual({
    target: undefined,
    args: ['e2e/x.spec.ts', '--workers=1'],
  })
})

test('a target selects the project of its name', () => {
  const expected = { target: 'standin', args: ['--project=standin', 'e2e/x.spec.ts'] }
  expect(readE2eCommand(['--target', 'standin', 'e2e/x.spec.ts'])).toEqual(expected)
  expect(readE2eCommand(['e2e/x.spec.ts', '--target=standin'])).toEqual(expected)
})

test('what is no target is refused', () => {
  expect(() => readE2eCommand(['--target', 'chrome'])).toThrow('serve, standin, electron; not chrome')
  expect(() => readE2eCommand(['--target'])).toThrow('not nothing')
})
