/**
 * Goal: with TLS the web endpoint speaks nothing else, and where it asks for certificates nobody gets in without one
 * that was signed by whom it trusts. Method: authorities and certificates made for the test, on real sockets.
 */

import { once } from 'node:events'
import { request as secureRequest, type RequestOptions } from 'node:https'
import { networkInterfaces } from 'node:os'
import { connect } from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import { present } from '../../src/base/assert.ts'
import type { WebTls } from '../../src/main/endpoints/web/web-listeners.ts'
import { expectNoLeaks } from '../support/leak-check.ts'
import { rawRequest } from '../support/raw-http.ts'
import { TestAuthority, type CertificateAndKey } from '../support/test-certificates.ts'
import { handshakeStatus, webProbes, type WebProbe } from '../support/web-probe.ts'

const hourMs = 3_600_000

describe('TLS of the web endpoint', () => {
  expectNoLeaks()
  const probes = webProbes()
  const made: { ours?: TestAuthority; theirs?: TestAuthority; own?: CertificateAndKey } = {}
  const ours = (): TestAuthority => present(made.ours, 'an authority')
  beforeAll(async () => {
    made.ours = await TestAuthority.create('Ours')
    made.theirs = await TestAuthority.create('Theirs')
    made.own = await ours().sign('CN=127.0.0.1')
  })

  function withTls(asks: boolean): WebTls {
    const { certificate, key } = present(made.own, 'a certificate')
    const clientCertificates = asks ? ({ authority: ours().certificate, use: 'required' } as const) : null
    return { options: { certificate, key, clientCertificates }, renew: async () => null }
  }

  /** The status of /healthz, or why there is none. */
  function ask({ port }: WebProbe, options: RequestOptions = {}): Promise<number | string> {
    return new Promise((resolve) => {
      const sent = secureRequest(
        { host: '127.0.0.1', port, path: '/healthz', ca: ours().certificate, agent: false, ...options },
        (response) => {
          response.resume()
          response.once('end', () => resolve(response.statusCode ?? 0))
        },
      )
      sent.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      sent.end()
    })
  }

  const client = ({ certificate, key }: CertificateAndKey): RequestOptions => ({ cert: certificate, key })

  it('speaks nothing but TLS 1.2 and later', async () => {
    const probe = await probes.open({ tls: withTls(false) })
    expect(probe.endpoint.url).toBe(`https://127.0.0.1:${probe.port}`)
    expect(await ask(probe)).toBe(200)
    expect((await rawRequest(probe.port, ['GET /healthz HTTP/1.1']).catch(() => null))?.status ?? 0).toBe(0)
    expect(await ask(probe, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })).not.toBe(200)
  })

  it('is not believed by whom does not trust its authority, or asks for another name', async () => {
    const probe = await probes.open({ tls: withTls(false) })
    expect(await ask(probe, { ca: present(made.theirs, 'the other').certificate })).toMatch(
      /CERT|VERIFY|SIGN/,
    )
    expect(await ask(probe, { host: 'localhost', family: 4 })).toMatch(/ALTNAME/)
  })

  it('tells protocols how a socket is encrypted, and takes its own pages by https alone', async () => {
    const probe = await probes.open({ tls: withTls(false) })
    const ca = ours().certificate
    const own = `https://127.0.0.1:${probe.port}`
    expect(await handshakeStatus(probes.socket(probe, '/echo', { ca, headers: { Origin: own } }))).toBe(101)
    const plain = own.replace('https', 'http')
    expect(await handshakeStatus(probes.socket(probe, '/echo', { ca, headers: { Origin: plain } }))).toBe(403)
    expect(probe.accepted).toHaveLength(1)
    expect(probe.accepted[0]).toMatchObject({
      isEncrypted: true,
      encryption: { version: 'TLSv1.3', subject: '' },
      clientCertificate: null,
    })
  })

  it('asks for certificates: none, another authority’s, and an expired one stay outside', async () => {
    const probe = await probes.open({ tls: withTls(true) })
    expect(await ask(probe)).not.toBe(200)
    expect(await ask(probe, client(await present(made.theirs, 'the other').sign('CN=ann')))).not.toBe(200)
    expect(await ask(probe, client(await ours().sign('CN=ann', hourMs)))).not.toBe(200)
    const ann = client(await ours().sign('CN=ann'))
    expect(await ask(probe, ann)).toBe(200)
    const socket = probes.socket(probe, '/echo', { ca: ours().certificate, cert: ann.cert, key: ann.key })
    expect(await handshakeStatus(socket)).toBe(101)
    expect(probe.accepted[0]?.clientCertificate).toMatchObject({ subject: 'ann' })
  })

  it('does not take a session that was resumed for a certificate', async () => {
    const probe = await probes.open({ tls: withTls(true) })
    const ann = await ours().sign('CN=ann')
    const place = {
      host: '127.0.0.1',
      port: probe.port,
      ca: ours().certificate,
      maxVersion: 'TLSv1.2',
    } as const
    const first = connect({ ...place, cert: ann.certificate, key: ann.key })
    await once(first, 'secureConnect')
    const session = first.getSession()
    first.destroy()
    const second = connect({ ...place, ...(session ? { session } : {}) })
    second.on('error', () => undefined)
    second.write(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${probe.port}\r\n\r\n`)
    let heard = ''
    second.on('data', (bytes: Buffer) => void (heard += bytes.toString()))
    // Not by `once`, which an error would reject: the handshake fails, now or with the first bytes.
    await new Promise((resolve) => second.once('close', resolve))
    expect(heard).toBe('')
  })

  it('may listen where other machines reach it, under the names that it was given', async () => {
    const probe = await probes.open({ tls: withTls(false), address: '0.0.0.0', hostNames: ['db.example'] })
    const [outside] = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
    const named = (name: string): RequestOptions => ({
      headers: { host: `${name}:${probe.port}` },
      rejectUnauthorized: false,
      host: outside?.address ?? '127.0.0.1',
    })
    expect(await ask(probe, named('db.example'))).toBe(200)
    expect(await ask(probe, named('evil.example'))).toBe(421)
  })

  it('takes a new certificate without a restart', async () => {
    const { certificate, key } = await ours().sign('CN=renewed')
    let renewal: Awaited<ReturnType<WebTls['renew']>> = null
    const probe = await probes.open({ tls: { ...withTls(false), renew: async () => renewal } })
    expect(await ask(probe)).toBe(200)
    renewal = { certificate, key, isRequired: true, clientCertificates: null }
    await ask(probe)
    const socket = connect({ host: '127.0.0.1', port: probe.port, ca: ours().certificate })
    await once(socket, 'secureConnect')
    const subject = socket.getPeerX509Certificate()?.subject
    socket.destroy()
    expect(subject).toBe('CN=renewed')
  })

  it('says at once that a certificate cannot be used', async () => {
    const broken = { ...withTls(false).options, key: 'nothing' }
    const opening = probes.open({ tls: { options: broken, renew: async () => null } })
    await expect(opening).rejects.toMatchObject({ code: 'invalid-argument' })
  })
})
