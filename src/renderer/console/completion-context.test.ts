// Goal: the words around a caret say what could stand there. Method: `|` marks the caret.
import { expect, test } from 'vitest'
import { completionContext, type CompletionContext } from './completion-context.ts'

function at(marked: string): CompletionContext | null {
  const offset = marked.indexOf('|')
  return completionContext(marked.replace('|', ''), offset)
}

test.each([
  ['select * from |', true],
  ['select * from cust|', true],
  ['select * from customers c join ord|', true],
  ['select * from customers, |', true],
  ['insert into |', true],
  ['update sh|', true],
  ['select * from shop.|', true],
  ['select | from customers', false],
  ['select id, | from customers', false],
  ['select * from customers where |', false],
  ['select * from customers order by id, |', false],
])('%s wants a relation: %s', (marked, expected) => {
  expect(at(marked)?.wantsRelation).toBe(expected)
})

test.each([
  ['select * from orders o|', true],
  ['select count(*) c|', true],
  ['select a[1] x|', true],
  ['select "Name" n|', true],
  ['select * f|', false],
  ['select * from orders where t|', false],
  ['select a, b|', false],
  ['s|', false],
])('%s follows a finished name: %s', (marked, expected) => {
  expect(at(marked)?.followsName).toBe(expected)
})

test('relations are found before and behind the caret, with schemas, quotes and aliases', () => {
  expect(
    at('select | from shop.orders o join "Order Items" as i using (id), customers where')?.relations,
  ).toEqual([
    { schema: 'shop', name: 'orders', alias: 'o' },
    { schema: null, name: 'Order Items', alias: 'i' },
  ])
  expect(at('update customers c set |')?.relations).toEqual([{ schema: null, name: 'customers', alias: 'c' }])
  expect(at('select |from a, b x where')?.relations).toEqual([
    { schema: null, name: 'a', alias: null },
    { schema: null, name: 'b', alias: 'x' },
  ])
})

test('what stands before the dot is the qualifier', () => {
  expect(at('select o.| from orders o')).toMatchObject({
    qualifier: 'o',
    relations: [{ schema: null, name: 'orders', alias: 'o' }],
  })
  expect(at('select "Big One".na|')?.qualifier).toBe('Big One')
  expect(at('select Orders.id|')?.qualifier).toBe('orders')
  expect(at('select 1 |')?.qualifier).toBeNull()
})

test('nothing is offered inside strings and comments', () => {
  for (const marked of [
    "select 'fr|om'",
    "select 'fr|",
    'select $$ fr|om $$',
    '-- fr|',
    '/* fr| */',
    'a /* b|',
  ]) {
    expect(at(marked)).toBeNull()
  }
  expect(at("select 'done' |")).not.toBeNull()
})
