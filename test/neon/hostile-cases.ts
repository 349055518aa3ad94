/**
 * Goal: no bytes and no body are more than a reason to refuse them: nothing hangs, nothing leaks, and a bystander
 * notices nothing. WARDIAN_NEON_FUZZ_RUNS attacks of each kind, or for a duration WARDIAN_NEON_FUZZ_SECONDS, from
 * WARDIAN_NEON_FUZZ_SEED on.
 */

import { once } from 'node:events'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Client } from '@neondatabase/serverless'
import type { NeonFixture } from '../support/neon-fixture.ts'
import {
  cstring,
  extended,
  frame,
  PROTOCOL_3_0,
  query,
  startup,
  sync,
} from '../support/wire/frontend-messages.ts'

const RUNS = Number(process.env['WARDIAN_NEON_FUZZ_RUNS'] ?? 30)
const SECONDS = Number(process.env['WARDIAN_NEON_FUZZ_SECONDS'] ?? 0)
const SEED = Number(process.env['WARDIAN_NEON_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const TIMEOUT_MS = (SECONDS + 120) * 1_000

/** At once: each waits for its end. */
const attackersMax = 8

export function hostileCases(neon: NeonFixture): void {
  async function isUntouched(bystander: Client): Promise<void> {
    const { rows } = await bystander.query(`select n, current_setting('my.own') as own from mine`)
    expect(rows).toEqual([{ n: 7, own: 'kept' }])
  }

  /** Answers how many rounds there were. */
  async function fuzz<T>(attacks: fc.Arbitrary<T>, attack: (hostile: T) => Promise<void>): Promise<number> {
    const bystander = new Client(neon.url())
    await bystander.connect()
    await bystander.query(`create temp table mine as select 7 as n; set my.own = 'kept'`)
    const property = fc.asyncProperty(
      fc.array(attacks, { minLength: 1, maxLength: attackersMax }),
      async (all) => {
        await Promise.all(all.map(attack))
        await isUntouched(bystander)
      },
    )
    const end = performance.now() + 1_000 * SECONDS
    let seed = SEED
    do {
      await fc.assert(property, { numRuns: RUNS, seed, endOnFailure: true })
      seed += 1
    } while (performance.now() < end)
    await bystander.end()
    if (SECONDS > 0) process.stdout.write(`${(seed - SEED) * RUNS} rounds in ${SECONDS} s, seed ${SEED}\n`)
    return (seed - SEED) * RUNS
  }

  const noise = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes))
  const length = fc.oneof(fc.constantFrom(0, 3, 4, 5, -1, 2 ** 31 - 1, -(2 ** 31)), fc.integer())
  const lying = fc
    .tuple(fc.constantFrom(...Array.from('pQPBDECHSFdcfX')), noise, length)
    .map(([type, body, size]) => frame(type, body, size))

  /** Parts of conversations, in any order, with lies between them, cut anywhere into messages. */
  function conversations(): fc.Arbitrary<{
    readonly bytes: Buffer
    readonly cuts: readonly number[]
    isText: boolean
  }> {
    const secret = decodeURIComponent(new URL(neon.url()).password)
    const log = startup(PROTOCOL_3_0, { user: 'app', database: 'shop' })
    const parts = fc.constantFrom(
      ...[log, frame('p', cstring(secret)), frame('p', cstring('guess'))],
      ...[
        query('select 1'),
        query('begin'),
        query('copy pg_class to stdout'),
        extended('select $1::int', ['5']),
      ],
      ...[sync(), query('create temp table if not exists c (n int); copy c from stdin'), frame('X')],
    )
    const mutated = fc.tuple(parts, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([bytes, at, value]) => {
      const copy = Buffer.from(bytes)
      copy[at % copy.length] = value
      return copy
    })
    const any = fc.array(fc.oneof({ weight: 3, arbitrary: parts }, mutated, lying, noise), { maxLength: 6 })
    const loggedIn = any.map((more) => Buffer.concat([log, frame('p', cstring(secret)), ...more]))
    return fc.record({
      bytes: fc.oneof(
        { weight: 2, arbitrary: loggedIn },
        any.map((all) => Buffer.concat(all)),
      ),
      cuts: fc.array(fc.nat(600), { maxLength: 4 }).map((cuts) => cuts.toSorted((a, b) => a - b)),
      isText: fc.constantFrom(false, false, false, true),
    })
  }

  test(
    'no bytes of a WebSocket disturb anybody',
    async () => {
      const rounds = await fuzz(conversations(), async ({ bytes, cuts, isText }) => {
        const socket = new WebSocket(`ws://127.0.0.1:${neon.port}/v2`)
        socket.on('error', () => undefined)
        await once(socket, 'open')
        let from = 0
        for (const at of [...cuts, bytes.length]) {
          socket.send(bytes.subarray(from, at), { binary: !isText })
          from = Math.min(at, bytes.length)
        }
        const closed = once(socket, 'close')
        socket.close()
        await closed
      })
      expect(rounds).toBeGreaterThanOrEqual(RUNS)
    },
    TIMEOUT_MS,
  )

  test(
    'no body and no header of a request is answered with anything but 200 or an error',
    async () => {
      const text = fc.string({ unit: 'binary', maxLength: 40 })
      const sql = fc.oneof(
        fc.constantFrom('select $1', 'begin', 'select 1; select 2', 'copy pg_class to stdout', ''),
        text,
      )
      const statement = fc.record({
        query: sql,
        params: fc.array(fc.oneof(text, fc.jsonValue()), { maxLength: 3 }),
      })
      const json = fc.oneof(
        statement,
        fc.record({ queries: fc.array(statement, { maxLength: 4 }) }),
        fc.jsonValue(),
      )
      const body = fc.oneof(
        json.map((value) => JSON.stringify(value)),
        text,
      )
      const ascii = fc.string({ unit: fc.constantFrom(...Array.from('abc:/@%?=&1 \u00e4')), maxLength: 30 })
      const headers = fc.record(
        {
          'Neon-Connection-String': fc.oneof(
            { weight: 3, arbitrary: fc.constant(neon.url()) },
            ascii.map((rest) => `postgres://${rest}`),
          ),
          'Neon-Array-Mode': fc.constantFrom('true', 'false', 'x'),
          'Neon-Raw-Text-Output': fc.constantFrom('true', 'false', 'x'),
          'Neon-Batch-Isolation-Level': fc.constantFrom('Serializable', 'x; drop table mine'),
          'Neon-Batch-Read-Only': fc.constantFrom('true', 'false', 'x'),
          Authorization: fc.oneof(
            ascii,
            ascii.map((rest) => `Bearer ${rest}`),
          ),
        },
        { requiredKeys: ['Neon-Connection-String'] },
      )
      await fuzz(fc.tuple(body, headers), async ([content, named]) => {
        const init = { method: 'POST', body: content, headers: named }
        const response = await fetch(`http://127.0.0.1:${neon.port}/sql`, init)
        const answer: unknown = await response.json()
        expect(outcomeOf(response.status, answer)).toMatch(/^(200 answer|400 error [0-9A-Z]{5} .)/s)
      })
    },
    TIMEOUT_MS,
  )
}

function outcomeOf(status: number, answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return `${status} nothing`
  const { code, message } = answer as { readonly code?: string; readonly message?: string }
  return code === undefined ? `${status} answer` : `${status} error ${code} ${message}`
}
