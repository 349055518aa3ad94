/**
 * Goal: no bytes on a socket of the web endpoint are more than a reason to refuse them, whatever becomes of them as
 * HTTP or as frames of a WebSocket: nothing hangs, nothing leaks, and a bystander notices nothing. WEB_FUZZ_RUNS
 * attacks, or for WEB_FUZZ_MINUTES, from WEB_FUZZ_SEED on. What is inside of messages is for the tests of the
 * protocols.
 */

import { once } from 'node:events'
import { connect } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { expectNoLeaks } from '../support/leak-check.ts'
import { rawRequest, upgradeLines } from '../support/raw-http.ts'
import { webProbes } from '../support/web-probe.ts'

const runs = Number(process.env['WEB_FUZZ_RUNS'] ?? 150)
const minutes = Number(process.env['WEB_FUZZ_MINUTES'] ?? 0)
const seed = Number(process.env['WEB_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
const text = fc.string({ unit: 'binary-ascii', maxLength: 30 })

/** RFC 6455, section 5.2, with every field as one likes; the length may lie. */
const frame = fc
  .record({
    first: fc.oneof(fc.constantFrom(0x81, 0x82, 0x01, 0x80, 0x88, 0x89, 0x8a), fc.nat(255)),
    isMasked: fc.constantFrom(true, true, true, false),
    payload: noise,
    lie: fc.option(fc.constantFrom(0, 125, 126, 127, 65_535, 2 ** 31, 2 ** 53), { nil: null, freq: 3 }),
  })
  .map(({ first, isMasked, payload, lie }) => {
    const length = lie ?? payload.length
    const mask = isMasked ? 0x80 : 0
    const head = Buffer.alloc(length < 126 ? 2 : length < 1 << 16 ? 4 : 10)
    head[0] = first
    head[1] = mask | (head.length === 2 ? length : head.length === 4 ? 126 : 127)
    if (head.length === 4) head.writeUInt16BE(length, 2)
    if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2)
    return Buffer.concat([head, Buffer.alloc(isMasked ? 4 : 0), payload])
  })

/** The head of a request, right or nearly. `PORT` is the endpoint's. */
const request = fc
  .record({
    line: fc.oneof(
      fc.constantFrom(
        'GET /healthz HTTP/1.1',
        'POST /ask HTTP/1.1',
        'OPTIONS /ask HTTP/1.1',
        'PRI * HTTP/2.0',
      ),
      fc.constantFrom('GET http://127.0.0.1:PORT/echo HTTP/1.1', 'CONNECT 127.0.0.1:PORT HTTP/1.1'),
      fc.tuple(text, text).map(([method, path]) => `${method} /${path} HTTP/1.1`),
    ),
    headers: fc.array(
      fc.oneof(
        fc.constantFrom(
          'Content-Type: application/json',
          'X-Echo: 1',
          'Expect: 100-continue',
          'Connection: close',
        ),
        fc.constantFrom('Content-Length: 5', 'Content-Length: -1', 'Content-Length: 99999999999999999999'),
        fc.constantFrom('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked, identity', 'Upgrade: h2c'),
        fc.constantFrom('Origin: null', 'Host: evil', 'Host: 127.0.0.1:PORT', 'Sec-Fetch-Site: cross-site'),
        fc.tuple(text, text).map(([name, value]) => `${name}: ${value}`),
      ),
      { maxLength: 5 },
    ),
    body: fc.oneof(fc.constantFrom('', '"hi"', '4\r\n"hi"\r\n0\r\n\r\n', 'ffffffff\r\n'), text),
  })
  .map(({ line, headers, body }) =>
    Buffer.from([line, 'Host: 127.0.0.1:PORT', ...headers, '', body].join('\r\n'), 'latin1'),
  )

const upgrade = fc.constant(
  Buffer.from(
    [...upgradeLines('/echo', ['Host: 127.0.0.1:PORT', 'Sec-WebSocket-Protocol: echo.v1']), '', ''].join(
      '\r\n',
    ),
  ),
)

const attack = fc.record({
  parts: fc.oneof(
    fc
      .tuple(upgrade, fc.array(fc.oneof(frame, frame, noise), { maxLength: 6 }))
      .map(([head, more]) => [head, ...more]),
    fc.array(fc.oneof(request, request, noise, upgrade, frame), { minLength: 1, maxLength: 4 }),
  ),
  cuts: fc.array(fc.nat(800), { maxLength: 4 }),
  isCutOff: fc.boolean(),
})

type Attack = typeof attack extends fc.Arbitrary<infer T> ? T : never

async function play(port: number, { parts, cuts, isCutOff }: Attack): Promise<void> {
  const bytes = Buffer.from(
    Buffer.concat(parts).toString('latin1').replaceAll('PORT', String(port)),
    'latin1',
  )
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.resume()
  socket.setNoDelay(true)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  let from = 0
  for (const at of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    const piece = bytes.subarray(from, at)
    from = Math.min(at, bytes.length)
    if (piece.length > 0 && !socket.destroyed)
      await new Promise<void>((resolve) => socket.write(piece, () => resolve()))
  }
  if (isCutOff) socket.destroy()
  else socket.end()
  await closed
}

async function isEchoed(bystander: WebSocket, message: string): Promise<void> {
  bystander.send(message)
  const [echoed] = (await once(bystander, 'message')) as [Buffer]
  expect(echoed.toString()).toBe(message)
}

describe('bytes that are no conversation', { timeout: (minutes + 2) * 60_000 }, () => {
  expectNoLeaks()
  const probes = webProbes()

  it('disturb nobody', async () => {
    const probe = await probes.open({ connectionsMax: 100 })
    const bystander = probes.socket(probe)
    await once(bystander, 'open')
    const until = performance.now() + minutes * 60_000
    let round = 0
    do {
      const property = fc.asyncProperty(fc.array(attack, { minLength: 1, maxLength: 8 }), async (all) => {
        await Promise.all(all.map((one) => play(probe.port, one)))
        await isEchoed(bystander, `round ${round}`)
      })
      await fc.assert(property, { numRuns: Math.ceil(runs / 8), seed: seed + round, endOnFailure: true })
      const head = ['GET /healthz HTTP/1.1', `Host: 127.0.0.1:${probe.port}`, 'Connection: close']
      expect((await rawRequest(probe.port, head)).status).toBe(200)
      round += 1
    } while (performance.now() < until)
    if (minutes > 0) process.stdout.write(`${round} rounds in ${minutes} min, seed ${seed}\n`)
    await expect.poll(() => probe.endpoint.socketCount).toBe(1)
    // The one defect that the probe's protocol has is for another test.
    expect(probe.logged.filter((line) => /could not be answered|failed/.test(line))).toEqual([])
  })
})
