/**
 * Goal: who begins to encrypt and leaves is let go at once, and who has encrypted may still close one side alone.
 * Method: an endpoint whose clock stands still, so that no time limit helps; raw sockets, and Node's own TLS.
 */

import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import { TestClock } from '../../../base/clock.ts'
import { RawWireClient } from '../../../../test/support/raw-wire-client.ts'
import { scriptedWireFixture } from '../../../../test/support/scripted-wire-fixture.ts'
import { TestAuthority } from '../../../../test/support/test-certificates.ts'
import { frame, int32, query, SSL_REQUEST, untyped } from '../../../../test/support/wire/frontend-messages.ts'
import { alpnProtocol, type TlsOptions } from './tls-acceptor.ts'

/** How a record with a ClientHello in it begins: handshake, TLS 1.0, 512 bytes, of which some are there. */
const halfOfHello = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])
const sslRequest = untyped(int32(SSL_REQUEST))

describe('a TLS handshake', () => {
  const wire = scriptedWireFixture()
  let tls: TlsOptions

  beforeAll(async () => {
    const pair = await (await TestAuthority.create()).sign('CN=127.0.0.1')
    tls = { ...pair, isRequired: false, clientCertificates: null }
  })

  test.for([
    ['one byte of it', [halfOfHello.subarray(0, 1)]],
    ['half of its first message', [halfOfHello]],
    ['nothing after it was agreed upon', [sslRequest]],
    ['half of its first message after it was agreed upon', [sslRequest, halfOfHello]],
    ['what is none', [sslRequest, Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
  ] as const)('that is left after %s is over with it', async ([, pieces]) => {
    const endpoint = await wire.listen({ tls, clock: new TestClock() })
    const { socket } = await wire.connect(endpoint)
    const closed = once(socket, 'close')
    for (const piece of pieces) {
      socket.write(piece)
      // Not in one packet with what comes next, which would be taken for an injection.
      if (piece === sslRequest) await once(socket, 'data')
    }
    socket.end()
    await closed
    expect(socket.bytesRead).toBeLessThan(20)
  })

  test('that is complete leaves either side free to close alone', async () => {
    const endpoint = await wire.listen({ tls, clock: new TestClock() })
    const { socket } = await wire.connect(endpoint)
    const encrypted = connectTls({ socket, ALPNProtocols: [alpnProtocol], rejectUnauthorized: false })
    await once(encrypted, 'secureConnect')
    const client = new RawWireClient(encrypted)
    await client.logIn({ password: wire.password })
    const session = wire.session()
    session.endsWhenAsked = false
    client.send(query('select 1'))
    encrypted.end()
    await wire.until(() => session.endCount === 1)
    // Many turns after its end.
    for (let turn = 0; turn < 1_000; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    session.push(frame('C', Buffer.from('SELECT 1\0')))
    session.finish()
    expect(await client.rest()).toBe('C')
  })
})
