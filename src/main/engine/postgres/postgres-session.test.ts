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
import { systemClock } from '../../../base/clock.ts'
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
})
