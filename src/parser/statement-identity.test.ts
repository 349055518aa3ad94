/** What statements are called. */
import { beforeAll, describe, expect, it } from 'vitest'
import { loadParser } from './load-parser.ts'
import { identityOf } from './statement-identity.ts'

describe('identityOf', () => {
  beforeAll(loadParser)

  it.each([
    [`select 1, 'x' from t where a = $1 -- why`, 'select $2, $3 from t where a = $1'],
    [`insert  into t\n values (1, 'x');`, 'insert into t values ($1, $2)'],
    [`select a::varchar(10) from t`, 'select a::varchar(10) from t'],
    [`comment on table t is 'secret'`, `comment on table t is '…'`],
    [`execute p('secret', 5)`, `execute p('…', …)`],
    [`do $$ begin perform 'secret'; end $$`, 'do $1'],
    [`alter role a password 'secret'`, 'alter role a password $1'],
    [`selec 'secret', 5, "A"`, `selec '…', …, "A"`],
    [`create table t (a text default 'secret')`, `create table t (a text default '…')`],
  ])('of %s has no literal in its text', (sql, text) => {
    expect(identityOf(sql).text).toBe(text)
  })

  it('has the fingerprint of the parser, and none where that cannot read', () => {
    expect(identityOf('select 1').fingerprint).toBe(identityOf(`SELECT  'a'`).fingerprint)
    expect(identityOf('select a').fingerprint).not.toBe(identityOf('select b').fingerprint)
    const wrong = identityOf(`select U&'d!3' UESCAPE '!'`)
    expect(wrong).toEqual({ fingerprint: null, text: `select '…' UESCAPE '…'` })
    expect([identityOf('selec 1'), identityOf(`select '${'x'.repeat(70_000)}'`)]).toMatchObject([
      { fingerprint: null },
      { fingerprint: null, text: `select '…'` },
    ])
  })
})
