// Goal: what belongs to the statement at a caret before the parser says so. Method: `|` marks the caret.
import { expect, test } from 'vitest'
import { statementAround } from './statement-around.ts'

test.each([
  ['select a| from b', 'select a| from b'],
  ['select 1; select a| from b; select 2', ' select a| from b'],
  ['select 1;| select 2', '| select 2'],
  ['select 1|; select 2', 'select 1|'],
  ["select ';', a| from b", "select ';', a| from b"],
  ['select a| /* ; */ from b -- ;\n, c; d', 'select a| /* ; */ from b -- ;\n, c'],
  ['do $$ begin; end $$; select a|', ' select a|'],
  ['|', '|'],
])('%s', (marked, expected) => {
  const caret = marked.lastIndexOf('|')
  const text = marked.slice(0, caret) + marked.slice(caret + 1)
  const around = statementAround(text, caret)
  expect(`${around.text.slice(0, around.caret)}|${around.text.slice(around.caret)}`).toBe(expected)
})
