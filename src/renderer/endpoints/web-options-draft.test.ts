/** The web endpoint's options as text: what comes back is what went in, and what is wrong is said. */

import { describe, expect, it } from 'vitest'
import { workbenchExamples } from '../../../test/support/contract-examples.ts'
import type { WebEndpoint, WebEndpointOptions } from '../../contract/web-endpoint.ts'
import { readWebDraft, webDraftOf, webNeedsRestart } from './web-options-draft.ts'

const endpoint: WebEndpoint = { ...workbenchExamples['web.didChange'].payload, state: 'listening' }
const options: WebEndpointOptions = endpoint.options

describe('options of the web endpoint as a draft', () => {
  it('come back as they were', () => {
    expect(readWebDraft(webDraftOf(options))).toEqual({ options })
    const plain: WebEndpointOptions = {
      ...{ ...options, port: null, address: null, hostNames: [], allowedOrigins: [], tls: 'off' },
      ...{ certificate: null, clientAuthorityPath: null, idleOffMinutes: null },
    }
    expect(readWebDraft(webDraftOf(plain))).toEqual({ options: plain })
  })

  it('take origins in lines, with commas and spaces', () => {
    const draft = {
      ...webDraftOf(options),
      allowedOrigins: ' http://a.example\nhttps://b.example,  http://c:81 ',
    }
    expect(readWebDraft(draft)).toMatchObject({
      options: { allowedOrigins: ['http://a.example', 'https://b.example', 'http://c:81'] },
    })
  })

  it.each([
    [
      { allowedOrigins: 'shop.example' },
      { allowedOrigins: 'shop.example is no origin, such as https://shop.example' },
    ],
    [{ allowedOrigins: '*' }, { allowedOrigins: '* is no origin, such as https://shop.example' }],
    [{ allowedOrigins: 'http://a/b' }, { allowedOrigins: 'http://a/b is written http://a as an origin' }],
    [{ port: '0' }, { port: 'A whole number from 1 to 65535' }],
    [{ connectionsMax: '' }, { connectionsMax: 'A whole number from 1 to 1000' }],
    [{ idleOffMinutes: '0' }, { idleOffMinutes: 'A whole number from 1 to 1440, or nothing' }],
    [{ tls: 'off', clientAuthorityPath: '' }, { address: 'Other machines are let in with TLS alone' }],
    [{ tls: 'off', address: '' }, { clientAuthorityPath: 'Certificates of programs need TLS' }],
    [{ keyPath: '' }, { keyPath: 'A certificate needs its key' }],
    [{ certificatePath: '' }, { certificatePath: 'A key needs its certificate' }],
    [{ keyPath: 'key.pem' }, { keyPath: 'A path from the root, such as /etc/wardian/server.crt' }],
  ] as const)('say what is wrong with %j', (change, problems) => {
    expect(readWebDraft({ ...webDraftOf(options), ...change })).toEqual({ problems })
  })

  it('restart what listens where they have to', () => {
    expect(webNeedsRestart(endpoint, { ...options, startsWithHost: false, idleOffMinutes: 5 })).toBe(false)
    expect(webNeedsRestart(endpoint, { ...options, allowedOrigins: [] })).toBe(true)
    expect(webNeedsRestart({ ...endpoint, state: 'off' }, { ...options, allowedOrigins: [] })).toBe(false)
  })
})
