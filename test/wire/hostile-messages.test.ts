/**
 * Messages that no client would send. Each is answered with an SQLSTATE or a close, as native does, and a bystander
 * with a session full of state notices nothing. The random ones take WARDIAN_WIRE_FUZZ_RUNS, or for a duration
 * WARDIAN_WIRE_FUZZ_SECONDS, and WARDIAN_WIRE_FUZZ_SEED, from which each round of that number counts up.
 */

import * as fc from 'fast-check'
import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import type { WireClient } from '../support/wire/wire-client.ts'
import type { WireStage } from '../support/wire/wire-stage.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

const SECONDS = Number(process.env['WARDIAN_WIRE_FUZZ_SECONDS'] ?? 0)
const RUNS = Number(process.env['WARDIAN_WIRE_FUZZ_RUNS'] ?? 40)
const SEED = Number(process.env['WARDIAN_WIRE_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
/** Native is the oracle of what is a hang, and needs no long proof that it is none. */
const NATIVE_SECONDS_MAX = 10
const NATIVE_RUNS_MAX = 200
const TIMEOUT_MS = (SECONDS + NATIVE_SECONDS_MAX + 120) * 1_000

/**
 * Attacks as often or as long as is asked for. The clock is only looked at between two rounds: an attack that was
 * given up in the middle would still read what the next step waits for.
 */
async function fuzz(
  stage: WireStage,
  hostile: fc.Arbitrary<Buffer>,
  attack: (bytes: Buffer) => Promise<void>,
): Promise<void> {
  const isNative = stage.features.hasProcesses
  const runs = Math.min(RUNS, isNative ? NATIVE_RUNS_MAX : RUNS)
  const seconds = Math.min(SECONDS, isNative ? NATIVE_SECONDS_MAX : SECONDS)
  const property = fc.asyncProperty(hostile, async (bytes) => {
    // Of a failure the last attack tells; ten minutes of them would not fit.
    stage.transcript.length = 0
    await attack(bytes)
  })
  const end = performance.now() + 1_000 * seconds
  let seed = SEED
  do {
    await fc.assert(property, { numRuns: runs, seed })
    seed += 1
  } while (performance.now() < end)
  stage.transcript.length = 0
  if (SECONDS > 0) process.stdout.write(`${(seed - SEED) * runs} attacks in ${seconds} s, seed ${SEED}\n`)
}

async function innocent(stage: WireStage): Promise<WireClient> {
  const client = await stage.connect('bystander')
  await client.query(`set my.own = 'kept'; create temp table mine as select 7 as n; listen own;
    select pg_advisory_lock(9)`)
  await client.exchange(m.parse('select n, current_setting($1) from mine', 's'), m.sync())
  return client
}

/** Throws unless the bystander's session is as it was. */
async function isUntouched(client: WireClient): Promise<void> {
  const bind = m.bind({ statement: 's', values: ['my.own'] })
  const lines = await client.exchange(bind, m.execute(), m.sync())
  expect(lines).toEqual(['2', 'D ["7", "kept"]', 'C SELECT 1', 'Z I'])
}

const copyIn = m.query('create temp table if not exists c (n int); copy c from stdin')

const HOSTILE: readonly (readonly [string, Buffer])[] = [
  ['an unknown type', m.frame('x')],
  ['a type of zero', m.frame('\0')],
  ['a type above 127', m.frame('\xff')],
  ['a backend type', m.frame('T', m.int16(0))],
  ['a length of zero', m.frame('Q', Buffer.alloc(0), 0)],
  ['a length of three', m.frame('Q', Buffer.alloc(0), 3)],
  ['a negative length', m.frame('Q', Buffer.from('select 1\0'), -1)],
  ['the most negative length', m.frame('S', Buffer.alloc(0), -2_147_483_648)],
  ['a length beyond 1 GB', m.frame('Q', Buffer.alloc(0), 1_073_741_824)],
  ['the largest length', m.frame('P', Buffer.alloc(0), 2_147_483_647)],
  ['a Sync of 20 KB', m.frame('S', Buffer.alloc(20_000))],
  ['a Sync of 4 bytes', Buffer.concat([m.frame('S', Buffer.alloc(4)), m.sync()])],
  ['a Parse without an end', Buffer.concat([m.frame('P', Buffer.from('name')), m.sync()])],
  [
    'a Parse with too many types',
    Buffer.concat([m.frame('P', Buffer.from('\0select 1\0\x7f\xff')), m.sync()]),
  ],
  [
    'a Parse with more than its types',
    Buffer.concat([m.frame('P', Buffer.from('\0select 1\0\0\0extra')), m.sync()]),
  ],
  ['a Bind of nothing', Buffer.concat([m.frame('B'), m.sync()])],
  [
    'a Bind with a negative length',
    Buffer.concat([
      m.parse('select $1::text'),
      m.frame('B', Buffer.concat([Buffer.from('\0\0'), m.int16(0), m.int16(1), m.int32(-2), m.int16(0)])),
      m.sync(),
    ]),
  ],
  [
    'a Bind with a value longer than itself',
    Buffer.concat([
      m.parse('select $1::text'),
      m.frame(
        'B',
        Buffer.concat([Buffer.from('\0\0'), m.int16(0), m.int16(1), m.int32(1_000_000), m.int16(0)]),
      ),
      m.sync(),
    ]),
  ],
  [
    'a Bind with a format of 9',
    Buffer.concat([m.parse('select $1::text'), m.bind({ values: ['x'], formats: [9] }), m.sync()]),
  ],
  ['a Describe of neither', Buffer.concat([m.frame('D', Buffer.from('X\0')), m.sync()])],
  ['a Close of neither', Buffer.concat([m.frame('C', Buffer.from('X\0')), m.sync()])],
  ['an Execute without its rows', Buffer.concat([m.frame('E', Buffer.from('\0')), m.sync()])],
  [
    'a COPY that fails before a Flush with a body',
    Buffer.concat([copyIn, m.copyData(Buffer.alloc(4)), m.frame('H', Buffer.alloc(1)), m.sync()]),
  ],
  ['a COPY that fails before a Sync', Buffer.concat([copyIn, m.copyData(Buffer.alloc(4)), m.sync()])],
  ['a password after log-in', m.frame('p', Buffer.from('secret\0'))],
  ['an empty Query', m.frame('Q')],
  ['a Query with a NUL in it', m.frame('Q', Buffer.from('select 1\0select 2\0'))],
  ['a Query without its NUL', m.frame('Q', Buffer.from('select 1'))],
  ['a Parse with a NUL in it', Buffer.concat([m.parse('select 1\0 + 1'), m.sync()])],
  [
    'a Bind with a NUL in its text',
    Buffer.concat([m.parse('select $1::text'), m.bind({ values: ['a\0b'] }), m.execute(), m.sync()]),
  ],
  ['a COPY with a NUL in a row', Buffer.concat([copyIn, m.copyData(Buffer.from('1\0\n')), m.copyDone()])],
  ['a start-up packet after log-in', m.startup(m.PROTOCOL_3_0, { user: 'x' })],
  ['an SSLRequest after log-in', m.untyped(m.int32(m.SSL_REQUEST))],
  ['a Terminate with a body', m.frame('X', Buffer.from('bye'))],
  ['text', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
]

/** Anything after log-in: real messages, real types with any body, lies about length, and noise. */
function hostileBytes(): fc.Arbitrary<Buffer> {
  const body = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes))
  const type = fc.oneof(
    fc.constantFrom(...Array.from('QPBDECHSFdcfpX')),
    fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  )
  const length = fc.oneof(
    fc.constantFrom(0, -1, 3, 4, 5, 1_073_741_823, 1_073_741_824, 2_147_483_647, -2_147_483_648),
    fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }),
    fc.integer({ min: 0, max: 100 }),
  )
  const valid = fc.constantFrom(
    m.sync(),
    m.flush(),
    m.query('select 1'),
    m.query('begin'),
    m.extended('select $1::int', ['5']),
    m.parse('select 1', 's'),
    m.bind({ statement: 's' }),
    m.execute('', 1),
    m.copyData('1\n'),
    m.copyDone(),
    m.query('copy (select 1) to stdout'),
    copyIn,
  )
  const mutated = fc.tuple(valid, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([bytes, at, value]) => {
    const copy = Buffer.from(bytes)
    copy[at % copy.length] = value
    return copy
  })
  const framed = fc.tuple(type, body).map(([one, bytes]) => m.frame(one, bytes))
  const lying = fc.tuple(type, body, length).map(([one, bytes, size]) => m.frame(one, bytes, size))
  const part = fc.oneof({ weight: 3, arbitrary: valid }, mutated, framed, lying, body)
  return fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => Buffer.concat(parts))
}

/**
 * Reads all that is left; every error has an SQLSTATE. A FATAL and its close count the same as a bare close: where
 * native says nothing, a reason is welcome, and a reset may swallow it.
 */
async function readToEnd(client: WireClient): Promise<string[]> {
  client.socket.end()
  const lines = await client.drain()
  for (const line of lines) if (line.startsWith('E ')) expect(line).toMatch(/^E (ERROR|FATAL) [0-9A-Z]{5} /)
  return lines.filter((line) => !line.startsWith('E FATAL 08P01'))
}

describe('hostile messages', () => {
  const suite = wireSuite()

  for (const [what, bytes] of HOSTILE) {
    suite.case(`${what} is answered as native does, and disturbs nobody`, async (stage) => {
      const bystander = await innocent(stage)
      const offender = await stage.connect('offender')
      await offender.socket.write(bytes)
      await isUntouched(bystander)
      stage.noteAll('offender<', await readToEnd(offender))
      await isUntouched(bystander)
    })
  }

  suite.case(
    'random messages after log-in disturb nobody, and hang nothing',
    async (stage) => {
      const bystander = await innocent(stage)
      const attack = async (bytes: Buffer): Promise<void> => {
        const offender = await stage.connect('offender')
        await offender.socket.write(bytes)
        const end = readToEnd(offender)
        await isUntouched(bystander)
        await end
        offender.socket.destroy()
      }
      await fuzz(stage, hostileBytes(), attack)
    },
    { isOnce: true, timeoutMs: TIMEOUT_MS },
  )

  suite.case(
    'random bytes instead of a start-up disturb nobody, and hang nothing',
    async (stage) => {
      const bystander = await innocent(stage)
      const { user, database } = stage.address
      const start = m.startup(m.PROTOCOL_3_0, { user, database })
      const noise = fc.oneof(
        fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
        fc.tuple(fc.nat(start.length - 1), fc.integer({ min: 0, max: 255 })).map(([at, value]) => {
          const copy = Buffer.from(start)
          copy[at] = value
          return copy
        }),
        fc
          .tuple(fc.integer(), fc.integer())
          .map(([length, code]) => Buffer.concat([m.int32(length), m.int32(code)])),
      )
      const attack = async (bytes: Buffer): Promise<void> => {
        const offender = await stage.open('offender')
        await offender.socket.write(bytes)
        offender.socket.end()
        for (let message = await offender.socket.read(); message; message = await offender.socket.read());
        await isUntouched(bystander)
        offender.socket.destroy()
      }
      await fuzz(stage, noise, attack)
    },
    { isOnce: true, timeoutMs: TIMEOUT_MS },
  )

  suite.case('clients that never speak, or stop in the middle, hold nobody up', async (stage) => {
    const bystander = await innocent(stage)
    const silent = await stage.open('silent')
    const huge = await stage.connect('huge')
    await huge.socket.write(m.frame('Q', Buffer.from('select'), 900_000_000))
    const half = await stage.connect('half')
    await half.socket.write(m.query('select 1').subarray(0, 8))
    for (let round = 0; round < 5; round += 1) await isUntouched(bystander)
    const later = await stage.connect('later')
    await later.query('select 1')
    for (const client of [silent, huge, half]) client.socket.destroy()
  })

  suite.case('function calls of the protocol are answered', async (stage) => {
    const a = await stage.connect('a')
    const add = Number((await a.values(`select 'int4pl'::regproc::oid`))[0]?.[0])
    await a.exchange(m.functionCall(add, ['40', '2']))
    await a.exchange(m.functionCall(add, ['40', 'x']))
    await a.exchange(m.functionCall(add, ['40']))
    await a.exchange(m.functionCall(1, ['40']))
  })

  suite.case('SQL that ends a backend ends its own session alone', async (stage) => {
    const bystander = await innocent(stage)
    for (const sql of [
      'select pg_terminate_backend(pg_backend_pid())',
      'do $$begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(1); end$$',
    ]) {
      const offender = await stage.connect('offender')
      await offender.query(sql)
      await isUntouched(bystander)
    }
    const deep = await stage.connect('deep')
    await deep.query(`select ${'('.repeat(1_000)}1${')'.repeat(1_000)}`)
    await deep.query(`create function f(int) returns int language plpgsql as $$begin return f($1 + 1); end$$`)
    const [, error = ''] = await deep.query('select f(1)')
    expect(error).toMatch(/^E ERROR 54001 /)
    await isUntouched(bystander)
  })
})
