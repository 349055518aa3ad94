/** What is typed into the fields of a server, and what a pasted text does to them. */

import { describe, expect, it } from 'vitest'
import { defaultConnection } from '../../contract/connection-text.ts'
import { connectionOf, draftOf, isComplete, pasteInto, problemsOf } from './connection-draft.ts'

const blank = draftOf('', defaultConnection)

describe('a draft', () => {
  it('becomes the connection that it was made of', () => {
    const connection = {
      ...defaultConnection,
      caFile: '/ca.pem',
      label: 'production',
      colour: 'clay' as const,
    }
    expect(connectionOf(draftOf('far', connection))).toEqual(connection)
  })

  it('says what is wrong with its numbers, and that a key needs its certificate', () => {
    const draft = { ...blank, port: '70000', connectionsMax: '0', keyFile: '/k' }
    expect(Object.keys(problemsOf(draft))).toEqual(['port', 'connectionsMax', 'certificateFile'])
    expect(problemsOf({ ...blank, port: '65535', connectionsMax: '100' })).toEqual({})
  })

  it('is complete with a name', () => {
    expect([isComplete(blank), isComplete({ ...blank, name: 'far' })]).toEqual([false, true])
  })
})

describe('pasting', () => {
  it('fills the fields, and names the instance after its database', () => {
    const pasted = pasteInto(blank, 'postgres://ada:s3cret@db.example.org/shop?sslmode=require&options=x')
    expect(pasted).toMatchObject({
      fields: { name: 'shop', host: 'db.example.org', user: 'ada', password: 's3cret', tlsMode: 'require' },
      isProblem: false,
    })
    expect(pasted?.note).toBe('Taken over into the fields below. Without effect here: options.')
    expect(pasteInto({ ...blank, name: 'kept' }, 'postgres://h/d')?.fields.name).toBe('kept')
  })

  it('changes nothing where it cannot be read', () => {
    expect(pasteInto(blank, 'mysql://h')).toMatchObject({ fields: {}, isProblem: true })
    expect(pasteInto(blank, '  ')).toBe(null)
  })
})
