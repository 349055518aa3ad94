/** Prepared statements of the protocol and of SQL: whose they are, and when they end. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

describe('prepared statements', () => {
  const suite = wireSuite()

  suite.case('a statement of one client is unknown to another', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    expect(await a.query('prepare s as select 1 as one')).toEqual(['C PREPARE', 'Z I'])
    expect(await b.query('execute s')).toEqual(['E ERROR 26000 prepared statement "s" does not exist', 'Z I'])
    expect(await a.query('execute s')).toEqual(['T [one 23/4/-1]', 'D ["1"]', 'C SELECT 1', 'Z I'])
  })

  suite.case('two clients use one name for different statements', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.exchange(m.parse('select $1::int + 1', 's'), m.sync())
    await b.exchange(m.parse(`select 'b' || $1`, 's'), m.sync())
    await a.exchange(m.bind({ statement: 's', values: ['1'] }), m.execute(), m.sync())
    await b.exchange(m.bind({ statement: 's', values: ['1'] }), m.execute(), m.sync())
  })
})
