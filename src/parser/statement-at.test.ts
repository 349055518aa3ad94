/** Which statement a caret means: `|` marks it in these texts. */
import { loadModule } from 'libpg-query'
import { beforeAll, describe, expect, it } from 'vitest'
import { statementAt } from './statement-at.ts'
import { splitStatements } from './statement-splitter.ts'

beforeAll(loadModule)

function at(marked: string): string | null {
  const offset = marked.indexOf('|')
  const text = marked.replace('|', '')
  const found = statementAt(text, splitStatements(text, 1_000).statements, offset)
  return found && text.slice(found.start, found.start + found.length)
}

describe('statementAt', () => {
  it('finds the statement that the caret touches, its comment and its semicolon included', () => {
    expect(at('|select 1; select 2')).toBe('select 1')
    expect(at('select 1|; select 2')).toBe('select 1')
    expect(at('select 1; sel|ect 2')).toBe('select 2')
    expect(at('select 1;\n-- ab|out\nselect 2')).toBe('-- about\nselect 2')
  })

  it('takes the statement before when the caret stands right behind a semicolon', () => {
    expect(at('select 1;|select 2')).toBe('select 1')
    expect(at('select 1  ;|\nselect 2')).toBe('select 1')
  })

  it('takes the statement of the same line when the caret is between two', () => {
    expect(at('select 1;  |  \nselect 2')).toBe('select 1')
    expect(at('select 1; -- no|te\n\nselect 2')).toBe('select 1')
    expect(at('select 1;\n\n  | select 2')).toBe('select 2')
  })

  it('takes the nearer statement in blank lines, and the one before when both are as far', () => {
    expect(at('select 1;\n|\nselect 2')).toBe('select 1')
    expect(at('select 1;\n|\n\nselect 2')).toBe('select 1')
    expect(at('select 1;\n\n\n|\nselect 2')).toBe('select 2')
  })

  it('takes the first or the last statement outside of all, and none in a blank text', () => {
    expect(at('\n|\n\nselect 1;')).toBe('select 1')
    expect(at('select 1;\n\n\n|')).toBe('select 1')
    expect(at(' |\n')).toBeNull()
  })
})
