// Goal: what is offered, in which order, and never more than can be looked at.
import { expect, test } from 'vitest'
import type { Names } from '../state/completion-names.ts'
import { completionContext } from './completion-context.ts'
import { completionEntries, entriesMax, type CompletionEntry } from './completion-entries.ts'

const names: Names = {
  relations: [
    { schema: 'public', name: 'customers', kind: 'table', columns: ['id', 'name', 'order'] },
    { schema: 'public', name: 'orders', kind: 'table', columns: ['id', 'customer_id', 'Total'] },
    { schema: 'audit', name: 'log', kind: 'table', columns: ['at'] },
  ],
  functions: [{ schema: 'public', name: 'order_total', arguments: 'order_id bigint' }],
  searchPath: ['public'],
  isComplete: true,
}

function offered(marked: string, known: Names | null = names): readonly CompletionEntry[] {
  const offset = marked.indexOf('|')
  const text = marked.replace('|', '')
  const prefix = /\w*$/.exec(text.slice(0, offset))?.[0] ?? ''
  const context = completionContext(text, offset)
  return context ? completionEntries(context, known, prefix).entries : []
}

const labels = (marked: string, known?: Names | null): string[] =>
  offered(marked, known).map(({ label }) => label)

test('an alias offers the columns of its relation and nothing else', () => {
  expect(labels('select o.| from orders o, customers c')).toEqual(['id', 'customer_id', 'Total'])
})

test('a schema offers what is in it', () => {
  expect(labels('select * from audit.|')).toEqual(['log'])
})

test('where a relation is named, relations come first, those off the search path with their schema', () => {
  expect(offered('select * from |').map(({ insertText }) => insertText)).toEqual([
    'customers',
    'orders',
    'public',
    'audit',
    'audit.log',
  ])
})

test('elsewhere the columns of the mentioned relations come before keywords', () => {
  expect(labels('select i| from customers').slice(0, 2)).toEqual(['id', 'identity'])
})

test('names are quoted only when they must be', () => {
  const inserted = offered('select | from customers, orders').map(({ insertText }) => insertText)
  expect(inserted).toEqual(expect.arrayContaining(['id', '"order"', '"Total"']))
})

test('keywords keep the case in which they are typed', () => {
  expect(labels('SEL|', null)).toContain('SELECT')
  expect(labels('sel|', null)).toContain('select')
})

test('twenty thousand tables offer a list that can be looked at, and say that there is more', () => {
  const relations = Array.from({ length: 20_000 }, (_, at) => {
    return { schema: 'public', name: `table_${at}`, kind: 'table', columns: [] }
  })
  const context = { qualifier: null, wantsRelation: true, followsName: false, relations: [] }
  const { entries, isCut } = completionEntries(context, { ...names, relations }, 'table_1')
  expect([entries.length, isCut]).toEqual([entriesMax, true])
})
