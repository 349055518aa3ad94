/** Each guard that is taken away in turn is there to be taken away, and the test that has to see it exists. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { repositoryRoot } from './run-command.ts'
import { shellMutations, withoutGuard } from './shell-mutations.ts'

const read = (file: string): string => readFileSync(join(repositoryRoot, file), 'utf8')

describe.each(shellMutations)('without: $guard', (mutation) => {
  it('the source is another', () => {
    const text = read(mutation.file)
    expect(withoutGuard(text, mutation)).not.toBe(text)
  })

  it('there is the test that has to fail', () => {
    const { file, title } = mutation.test
    expect(read(file)).toContain(`'${title}'`)
  })
})

it('a guard that is not there, or there twice, cannot be taken away', () => {
  const [mutation] = shellMutations
  if (!mutation) throw new Error('there are mutations')
  expect(() => withoutGuard('', mutation)).toThrow('0 times')
  expect(() => withoutGuard(mutation.from + mutation.from, mutation)).toThrow('2 times')
})
