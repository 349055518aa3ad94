/** Options as text and back, and what is wrong with text that is none. */

import { describe, expect, it } from 'vitest'
import type { Endpoint, EndpointOptions } from '../../contract/endpoint.ts'
import { draftOf, needsRestart, readDraft } from './options-draft.ts'

const options: EndpointOptions = {
  ...{ startsWithHost: true, port: 5433, socketDirectory: '/run/db', idleTransactionMs: 60_000 },
  ...{ tls: 'required', certificate: null, clientCertificates: null },
  ...{ connectionsMax: 500, stalledClientMs: 60_000, mode: 'shared' },
}
const blank: EndpointOptions = { ...options, port: null, socketDirectory: null }

describe('the options while they are edited', () => {
  it.each([options, blank])('come back as they were', (each) => {
    expect(readDraft(draftOf(each))).toEqual({ options: each })
  })

  it.each([
    [{ port: '0' }, 'port'],
    [{ port: '65536' }, 'port'],
    [{ port: '5433x' }, 'port'],
    [{ port: '1e3' }, 'port'],
    [{ idleSeconds: '0' }, 'idleSeconds'],
    [{ idleSeconds: '' }, 'idleSeconds'],
    [{ idleSeconds: '86401' }, 'idleSeconds'],
    [{ idleSeconds: '1.5' }, 'idleSeconds'],
    [{ socketDirectory: 'here' }, 'socketDirectory'],
  ])('say what is wrong with %j', (change, field) => {
    const read = readDraft({ ...draftOf(options), ...change })
    expect(Object.keys('problems' in read ? read.problems : {})).toEqual([field])
  })

  it('may have blanks around them', () => {
    const draft = { ...draftOf(options), port: ' 5433 ', socketDirectory: ' /run/db ' }
    expect(readDraft(draft)).toEqual({ options })
  })

  it('restart what listens, where it has to be elsewhere', () => {
    const endpoint: Endpoint = {
      ...{ id: 'postgres', kind: 'postgres', state: 'listening', failure: null, address: '127.0.0.1' },
      ...{ port: 5433, socketPath: null, clientCount: 0, mode: 'shared', options },
    }
    expect(needsRestart(endpoint, { ...options, port: 5434 })).toBe(true)
    expect(needsRestart(endpoint, { ...options, tls: 'off' })).toBe(true)
    expect(needsRestart(endpoint, { ...options, socketDirectory: null })).toBe(true)
    expect(needsRestart(endpoint, { ...options, startsWithHost: false, idleTransactionMs: 1_000 })).toBe(
      false,
    )
    expect(needsRestart({ ...endpoint, state: 'off' }, blank)).toBe(false)
  })
})
