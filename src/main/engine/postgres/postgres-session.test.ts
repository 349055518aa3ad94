/**
 * Goal: a server that breaks off, falls silent or sends nonsense ends one session and nothing else, with words for its
 * user; nothing waits for ever. Method: a server that logs in and then does as each test says.
 */

import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../../test/support/leak-check.ts'
import { run, statement } from '../../../../test/support/engine-fixture.ts'
import { connectionTo } from '../../../../test/support/remote-engine.ts'
import { backendMessage, errorMessage, LeanServer } from '../../../../test/support/lean-server.ts'
import { systemClock, TestClock } from '../../../base/clock.ts'
import type { WorkbenchError } from '../../../contract/error.ts'
import { PostgresServer } from './postgres-server.ts'
import type { PostgresSession } from './postgres-session.ts'

expectNoLeaks()

const servers: { lean: LeanServer; server: PostgresServer }[] = []

afterEach(async () => {
  for (const { lean, server } of servers.splice(0)) {
    server.close()
    await lean.close()
  }
})

async function open(
  onMessage: (socket: Socket, bytes: Buffer) => void,
  cancelBoundMs = 10_000,
): Promise<{ session: PostgresSession; server: PostgresServer; lean: LeanServer }> {
  const lean = await LeanServer.listen({ onMessage })
  const login = { connection: connectionTo(lean.address), password: null }
  const server = new PostgresServer({ login, clock: systemClock, cancelBoundMs })
  servers.push({ lean, server })
  return { session: await server.openSession({ settings: [] }), server, lean }
}

const gone = { S: 'FATAL', V: 'FATAL', C: '57P01', M: 'terminating connection due to administrator command' }

describe('while a statement runs', () => {
  it('a server that says good-bye is quoted', async () => {
    const { session } = await open((socket) => void socket.end(errorMessage(gone)))
    const { outcome } = await run(session, 'select 1')
    expect(outcome).toMatchObject({
      status: 'failed',
      transaction: 'idle',
      error: { sql: { code: '57P01' } },
    })
  })

  it('a server that breaks off is told as lost, once', async () => {
    const { session } = await open((socket) => socket.destroy())
    const ends: WorkbenchError[] = []
    session.onDidEnd((error) => void ends.push(error))
    await expect(run(session, 'select 1')).rejects.toMatchObject({ code: 'unreachable' })
    await expect(run(session, 'select 1')).rejects.toMatchObject({ code: 'unreachable' })
    expect(ends.map(({ code }) => code)).toEqual(['unreachable'])
  })

  it.each([
    ['bytes that are no message', Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
    ['a message that is shorter than it says', backendMessage('T', Buffer.from([0, 9]))],
    ['a text without an end', backendMessage('E', Buffer.from('Sendless'))],
    ['a length that no message has', Buffer.from([0x5a, 0, 0, 0, 1])],
  ])('%s end the session', async (_what, bytes) => {
    const { session } = await open((socket) => void socket.write(bytes))
    await expect(run(session, 'select 1')).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('not the protocol') as unknown,
    })
  })

  it('a server that does not end it when asked is given up within the bound', async () => {
    const { session } = await open(() => undefined, 200)
    const running = run(session, 'select pg_sleep(1)')
    const ended = Promise.allSettled([running])
    await session.cancel()
    const message = expect.stringContaining('it may still run there') as unknown
    expect(await ended).toMatchObject([{ reason: { code: 'engine-unresponsive', message } }])
  })

  it('whoever leaves is not kept by a server that has fallen silent', async () => {
    const notice = backendMessage('N', Buffer.from('SNOTICE\0C00000\0Mslow\0\0'))
    const { session } = await open((socket) => void socket.write(notice), 200)
    for await (const event of session.execute(statement('select 1'))) {
      if (event.kind === 'notice') break
    }
    await expect(run(session, 'select 1')).rejects.toMatchObject({ code: 'engine-unresponsive' })
  })

  it('closing the server ends it with an error', async () => {
    const { session, server } = await open(() => undefined)
    const ended = Promise.allSettled([run(session, 'select 1')])
    server.close()
    expect(await ended).toMatchObject([{ status: 'rejected', reason: { code: 'closed' } }])
  })
})

describe('a row of many megabytes', () => {
  const described = Buffer.concat([
    backendMessage('1', Buffer.alloc(0)),
    backendMessage('T', Buffer.from('\0\x01a\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0', 'latin1')),
  ])
  const row = (text: Buffer): Buffer => {
    const head = Buffer.from([0, 1, 0, 0, 0, 0])
    head.writeInt32BE(text.length, 2)
    return backendMessage('D', Buffer.concat([head, text]))
  }
  const ended = backendMessage('C', Buffer.from('SELECT 4\0'))
  const long = Buffer.alloc(9 << 20, 'long')

  /** Answers Parse, then Execute with `rows`, then Sync. */
  function answering(rows: Buffer): (socket: Socket, bytes: Buffer) => void {
    return (socket, bytes) => {
      if (bytes[0] === 0x50) socket.write(described)
      else if (bytes[0] === 0x53) socket.write(backendMessage('Z', Buffer.from('I')))
      else if (bytes[0] === 0x42) socket.write(Buffer.concat([backendMessage('2', Buffer.alloc(0)), rows]))
    }
  }

  it('comes whole, between those before and behind it, and nothing is read meanwhile', async () => {
    const rows = Buffer.concat([
      row(Buffer.from('before')),
      row(long),
      row(long),
      row(Buffer.from('behind')),
      ended,
    ])
    const { session } = await open(answering(rows))
    const { rows: told } = await run(session, 'select a')
    expect(told.map(([text]) => (text ?? '').length)).toEqual([6, long.length, long.length, 6])
    expect(told.map(([text]) => (text ?? '').slice(0, 6))).toEqual(['before', 'longlo', 'longlo', 'behind'])
  })

  it('may be what the statement is cancelled in', async () => {
    const part = row(long).subarray(0, 5 << 20)
    const { session } = await open(answering(part), 200)
    const running = run(session, 'select a')
    const settled = Promise.allSettled([running])
    await session.cancel()
    expect(await settled).toMatchObject([{ reason: { code: 'engine-unresponsive' } }])
  })

  it('that breaks off ends the session', async () => {
    const part = row(long).subarray(0, 5 << 20)
    const { session } = await open((socket, bytes) => {
      answering(part)(socket, bytes)
      if (bytes[0] === 0x42) socket.end()
    })
    await expect(run(session, 'select a')).rejects.toMatchObject({ code: 'unreachable' })
  })
})

describe('while nothing runs', () => {
  it('a good-bye is kept as the reason, which whoever listens is told', async () => {
    const { session, lean } = await open(() => undefined)
    const { promise, resolve } = Promise.withResolvers<WorkbenchError>()
    session.onDidEnd(resolve)
    lean.endAll(errorMessage(gone))
    const error = await promise
    expect(error).toMatchObject({ code: 'sql-error', sql: { code: '57P01' } })
    expect(error.message).toContain('the next statement connects again')
  })

  /** Answers whatever ends with Sync as an empty statement does. */
  function answering(state: string): (socket: Socket, bytes: Buffer) => void {
    return (socket, bytes) => {
      const answers = [
        ...(bytes[0] === 0x50
          ? [backendMessage('1', Buffer.alloc(0)), backendMessage('n', Buffer.alloc(0))]
          : []),
        ...(bytes[0] === 0x42
          ? [backendMessage('2', Buffer.alloc(0)), backendMessage('I', Buffer.alloc(0))]
          : []),
        ...(bytes.at(-5) === 0x53 ? [backendMessage('Z', Buffer.from(state))] : []),
      ]
      socket.write(Buffer.concat(answers))
    }
  }

  async function openIdle(
    state: string,
  ): Promise<{ session: PostgresSession; clock: TestClock; ends: string[] }> {
    const lean = await LeanServer.listen({ onMessage: answering(state) })
    const connection = connectionTo(lean.address, { idleMinutes: 3 })
    const clock = new TestClock()
    const server = new PostgresServer({ login: { connection, password: null }, clock })
    servers.push({ lean, server })
    const session = await server.openSession({ settings: [] })
    const ends: string[] = []
    session.onDidEnd(({ code, message }) => void ends.push(`${code}: ${message}`))
    return { session, clock, ends }
  }

  it('its connection ends after the time that was chosen, and the reason is told', async () => {
    const { session, clock, ends } = await openIdle('I')
    clock.advance(2 * 60_000)
    await run(session, '')
    clock.advance(3 * 60_000 - 1)
    expect(ends).toEqual([])
    clock.advance(1)
    expect(ends).toEqual([expect.stringMatching(/^closed: .* after 3 minutes without a statement/)])
    await expect(run(session, '')).rejects.toMatchObject({ code: 'closed' })
  })

  it('an open transaction keeps it', async () => {
    const { session, clock, ends } = await openIdle('T')
    await run(session, '')
    clock.advance(60 * 60_000)
    expect(ends).toEqual([])
    session.dispose()
    clock.advance(60 * 60_000)
    expect(ends).toEqual([])
  })

  it('a statement keeps it, however long it takes', async () => {
    const lean = await LeanServer.listen({ onMessage: () => undefined })
    const clock = new TestClock()
    const connection = connectionTo(lean.address, { idleMinutes: 3 })
    const server = new PostgresServer({ login: { connection, password: null }, clock })
    servers.push({ lean, server })
    const session = await server.openSession({ settings: [] })
    let hasEnded = false
    session.onDidEnd(() => (hasEnded = true))
    const running = Promise.allSettled([run(session, 'select pg_sleep(3600)')])
    clock.advance(60 * 60_000)
    expect(hasEnded).toBe(false)
    server.close()
    await running
  })
})
