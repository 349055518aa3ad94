/** Examples of the rows of web-calls.ts. */

import type { TokenWish, WebEndpoint, WebToken } from '../../src/contract/web-endpoint.ts'

const endpoint: WebEndpoint = {
  id: 'web',
  kind: 'web',
  state: 'failed',
  failure: { code: 'in-use', message: 'Another program listens on port 5480 already' },
  url: 'https://127.0.0.1:5480',
  port: 5480,
  certificatePath: '/data/tls/certificate.pem',
  clientCount: 2,
  options: {
    ...{ startsWithHost: true, port: 5480, address: '192.168.1.7', hostNames: ['db.example'] },
    ...{ allowedOrigins: ['https://shop.example'], tls: 'required', clientAuthorityPath: '/tls/ca.pem' },
    certificate: { certificatePath: '/tls/cert.pem', keyPath: '/tls/key.pem' },
    ...{ connectionsMax: 500, idleOffMinutes: 30, compresses: false },
  },
}

const token: WebToken = {
  ...{ id: 't1', label: 'the shop', instanceIds: ['i1'], access: 'read-only', role: 'wardian_reader' },
  ...{ createdAtMs: 1_790_000_000_000, lastUsedAtMs: 1_790_000_060_000, expiresAtMs: 1_795_000_000_000 },
}

const wish: TokenWish = {
  ...{ label: 'the shop', instanceIds: ['i1'], access: 'read-only', role: null },
  expiresAtMs: 1_795_000_000_000,
}

export const webExamples = {
  'web.describe': { params: null, result: endpoint },
  'web.start': { params: { port: 0 }, result: endpoint },
  'web.stop': { params: null, result: endpoint },
  'web.configure': { params: endpoint.options, result: endpoint },
  'web.didChange': { payload: endpoint },
  'web.tokens': { params: null, result: [token] },
  'web.createToken': {
    params: wish,
    result: { token, secret: 'wdn_0123456789abcdef0123456789abcdef0123456789a' },
  },
  'web.revokeToken': { params: { tokenId: 't1' }, result: null },
  'web.didChangeTokens': { payload: null },
} as const
