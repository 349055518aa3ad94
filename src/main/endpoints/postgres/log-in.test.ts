/**
 * Goal: who may come in does, everybody else learns nothing. Method: a client played by hand against an endpoint whose
 * roles are scripted, over real sockets; every message that it gets is looked at.
 */

import { describe, expect, test } from 'vitest'
import { systemClock, TestClock } from '../../../base/clock.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import {
  errorFields,
  short,
  type LogIn,
  type RawWireClient,
} from '../../../../test/support/raw-wire-client.ts'
import { quickVerifier, scriptedRole } from '../../../../test/support/scripted-wire-backend.ts'
import { scriptedWireFixture, type WireAddress } from '../../../../test/support/scripted-wire-fixture.ts'
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts'
import { loginFailuresMax, loginWindowMs } from '../login-limiter.ts'
import { startUpTimeMaxMs } from './client-connection.ts'
import { makeVerifier } from './scram-verifier.ts'
import { refusal } from './wire-failure.ts'

const wire = scriptedWireFixture()
const path = temporaryDirectory()
const loggedIn = 'R(10)R(11)R(12)R(0)SKZ(I)'

/** What a log-in brings, in short, and the fields of its error. */
async function attempt(endpoint: WireAddress, login: LogIn): Promise<[string, Record<string, string>]> {
  const client = await wire.connect(endpoint)
  const messages = await client.logIn(login)
  const last = messages.at(-1)
  const found: [string, Record<string, string>] = [
    short(messages),
    last?.type === 'E' ? errorFields(last) : {},
  ]
  await client.close()
  return found
}

async function stateAfter(endpoint: WireAddress, login: LogIn): Promise<string> {
  return (await attempt(endpoint, login))[0]
}

const owner = (): LogIn => ({ password: wire.password })

describe('logging in', () => {
  test('lets the owner in with the endpoint’s password alone', async () => {
    const endpoint = await wire.listen()
    const passwordVerifier = await makeVerifier('other')
    wire.backend.roles.set('postgres', { ...scriptedRole, isSuperuser: true, passwordVerifier })
    expect(await stateAfter(endpoint, owner())).toBe(loggedIn)
    expect(await stateAfter(endpoint, { password: 'other' })).toBe('R(10)R(11)E(28P01)')
    expect(wire.backend.sessions.filter(({ isDisposed }) => !isDisposed)).toEqual([])
  })

  test('begins the owner’s session before the password is known, and gives it to nobody else', async () => {
    const endpoint = await wire.listen()
    const client = await wire.connect(endpoint)
    expect(short(await client.logIn({ password: 'guess' }))).toBe('R(10)R(11)E(28P01)')
    expect(wire.backend.sessions).toMatchObject([{ isDisposed: true, written: [] }])
    wire.backend.onOpen = () => Promise.reject(refusal('22023', 'invalid value for parameter "a"'))
    expect(await stateAfter(endpoint, { password: 'guess' })).toBe('R(10)R(11)E(28P01)')
    expect(await stateAfter(endpoint, owner())).toBe('R(10)R(11)R(12)R(0)E(22023)')
  })

  test('begins no session for another role before it has logged in', async () => {
    const endpoint = await wire.listen()
    wire.backend.roles.set('ann', { ...scriptedRole, passwordVerifier: await quickVerifier('secret') })
    const login = { user: 'ann', password: 'guess', parameters: { database: 'postgres' } }
    expect(await stateAfter(endpoint, login)).toBe('R(10)R(11)E(28P01)')
    expect(wire.backend.sessions).toEqual([])
  })

  test('lets roles in with their own password, as what they are', async () => {
    const endpoint = await wire.listen()
    wire.backend.roles.set('ann', { ...scriptedRole, passwordVerifier: await makeVerifier('secret') })
    const login = { user: 'ann', password: 'secret', parameters: { database: 'postgres', 'a.b': 'c' } }
    const client = await wire.connect(endpoint)
    expect(short(await client.logIn(login))).toBe(loggedIn)
    expect(wire.session().options).toMatchObject({
      ...{ role: 'ann', database: 'postgres', settings: new Map([['a.b', 'c']]) },
      ...{ address: '127.0.0.1', port: client.socket.localPort },
      title: `client (ann, 127.0.0.1:${client.socket.localPort})`,
    })
  })

  test('tells a wrong password, no such role and a role without a usable password the same', async () => {
    const endpoint = await wire.listen()
    const good = await makeVerifier('secret')
    const role = (passwordVerifier: string | null): typeof scriptedRole => ({
      ...scriptedRole,
      passwordVerifier,
    })
    wire.backend.roles.set('wrong', role(good))
    wire.backend.roles.set('empty', role(null))
    wire.backend.roles.set('expired', { ...role(good), validUntilMs: systemClock.nowMs() - 1 })
    const parameters = { database: 'postgres' }
    const wrong = await attempt(endpoint, { user: 'wrong', password: 'guess', parameters })
    expect(wrong[0]).toBe('R(10)R(11)E(28P01)')
    for (const user of ['nobody', 'empty', 'expired']) {
      const [state, fields] = await attempt(endpoint, { user, password: 'secret', parameters })
      expect([state, { ...fields, M: fields['M']?.replace(user, 'wrong') }], user).toEqual(wrong)
    }
    const elsewhere = await attempt(endpoint, {
      user: 'nobody',
      password: 'x',
      parameters: { database: 'none' },
    })
    expect(elsewhere[0]).toBe('R(10)R(11)E(28P01)')
    wire.backend.roles.set('hashed', role(`md5${'0'.repeat(32)}`))
    const [state, hinted] = await attempt(endpoint, { user: 'hashed', password: 'secret', parameters })
    expect([state, hinted['H']]).toEqual([wrong[0], expect.stringContaining('stored as md5')])
  })

  test('shows the same made-up salt for a name, and another one for others', async () => {
    const endpoint = await wire.listen()
    const saltOf = async (user: string): Promise<string> => {
      const client = await wire.connect(endpoint)
      const messages = await client.logIn({ user, password: 'x' })
      await client.close()
      const challenge = messages.find(({ type, body }) => type === 'R' && body.readInt32BE(0) === 11)
      return /s=([^,]*),i=(\d+)$/.exec(challenge?.body.toString() ?? '')?.[0] ?? ''
    }
    expect(await saltOf('a')).toMatch(/^s=.{24},i=4096$/)
    expect(await saltOf('a')).toBe(await saltOf('a'))
    expect(await saltOf('a')).not.toBe(await saltOf('b'))
  })

  test('stops guesses at one name for a while, whether it is a role or not', async () => {
    const clock = new TestClock()
    const endpoint = await wire.listen({ clock, socketDirectory: path('sockets') })
    const local = { address: null, port: endpoint.port, socketPath: endpoint.socketPath }
    for (const user of ['postgres', 'nobody']) {
      for (let guess = 0; guess < loginFailuresMax; guess += 1) {
        expect(await stateAfter(endpoint, { user, password: `guess ${guess}` })).toBe('R(10)R(11)E(28P01)')
      }
      expect(await stateAfter(endpoint, { ...owner(), user })).toBe('E(28000)')
    }
    expect(await stateAfter(local, owner())).toBe(loggedIn)
    clock.advance(loginWindowMs)
    expect(await stateAfter(endpoint, owner())).toBe(loggedIn)
  })

  test('ends with what Postgres says: 3D000, 28000, 42501, 53300, and errors of settings', async () => {
    const endpoint = await wire.listen({ connectionsMax: 2 })
    const passwordVerifier = await makeVerifier('secret')
    wire.backend.roles.set('group', { ...scriptedRole, passwordVerifier, canLogin: false })
    wire.backend.roles.set('few', { ...scriptedRole, passwordVerifier, connectionLimit: 1 })
    wire.backend.roles.set('kept out', { ...scriptedRole, passwordVerifier, canConnect: false })
    const asRole = (user: string): LogIn => ({
      user,
      password: 'secret',
      parameters: { database: 'postgres' },
    })
    const missing = await attempt(endpoint, { ...owner(), parameters: { database: 'none' } })
    expect(missing[0]).toBe('R(10)R(11)R(12)R(0)E(3D000)')
    expect(missing[1]).toMatchObject({ S: 'FATAL', V: 'FATAL', M: 'database "none" does not exist' })
    const told = await wire.listen({ roleBackend: wire.backend })
    const elsewhere: LogIn = { ...asRole('few'), parameters: { database: 'none' } }
    expect(await stateAfter(told, elsewhere)).toBe('R(10)R(11)R(12)R(0)E(3D000)')
    expect(await stateAfter(endpoint, elsewhere)).toBe('R(10)R(11)E(28P01)')
    expect(await stateAfter(endpoint, asRole('group'))).toBe('R(10)R(11)R(12)R(0)E(28000)')
    expect(await stateAfter(endpoint, asRole('kept out'))).toBe('R(10)R(11)R(12)R(0)E(42501)')
    wire.backend.onOpen = () => {
      throw refusal('22023', 'invalid value for parameter "work_mem": "x"')
    }
    expect(await stateAfter(endpoint, owner())).toBe('R(10)R(11)R(12)R(0)E(22023)')
    wire.backend.onOpen = () => {
      throw new WorkbenchError('limit-exceeded', 'too many sessions')
    }
    expect(await stateAfter(endpoint, owner())).toBe('R(10)R(11)R(12)R(0)E(53300)')
    wire.backend.onOpen = () => undefined
    const first = await wire.connect(endpoint)
    expect(short(await first.logIn(asRole('few')))).toBe(loggedIn)
    const second = await attempt(endpoint, asRole('few'))
    expect(second).toMatchObject([
      'R(10)R(11)R(12)R(0)E(53300)',
      { M: 'too many connections for role "few"' },
    ])
    const third = await wire.connect(endpoint)
    expect(short(await third.logIn(owner()))).toBe(loggedIn)
    const fourth = await attempt(endpoint, owner())
    expect(fourth).toMatchObject(['R(10)R(11)R(12)R(0)E(53300)', { M: 'sorry, too many clients already' }])
    await first.close()
    await wire.until(() => endpoint.clients.size === 1)
    expect(await stateAfter(endpoint, asRole('few'))).toBe(loggedIn)
  })

  test('works for 400 clients at once', async () => {
    const endpoint = await wire.listen()
    wire.backend.roles.set('quick', { ...scriptedRole, passwordVerifier: await quickVerifier('secret') })
    const login = { user: 'quick', password: 'secret', parameters: { database: 'postgres' } }
    const clients = await Promise.all(Array.from({ length: 400 }, () => wire.connect(endpoint)))
    const states = await Promise.all(clients.map(async (client) => short(await client.logIn(login))))
    expect(new Set(states)).toEqual(new Set([loggedIn]))
    expect(endpoint.clients.size).toBe(400)
  })

  test('is over when its time is', async () => {
    const clock = new TestClock()
    const endpoint = await wire.listen({ clock })
    const silent = await wire.connect(endpoint)
    const slow = await wire.connect(endpoint)
    slow.send(Buffer.from([0, 0]))
    const half = await wire.connect(endpoint)
    const halfway = half.logIn({ password: 'x' })
    await halfway
    const client = await wire.connect(endpoint)
    expect(short(await client.logIn(owner()))).toBe(loggedIn)
    clock.advance(startUpTimeMaxMs)
    for (const gone of [silent, slow]) expect(await gone.rest()).toBe('')
    expect(endpoint.clients.list().map(({ state }) => state)).toEqual(['idle'])
  })

  test('waits for an instance that is started, however long that takes, and then for the client again', async () => {
    const clock = new TestClock()
    const ready = Promise.withResolvers<null>()
    let isAsked = false
    const endpoint = await wire.listen({
      clock,
      resolveDatabase: async () => {
        isAsked = true
        await ready.promise
        return wire.backend
      },
    })
    const [patient, silent] = [await wire.connect(endpoint), await wire.connect(endpoint)]
    const loggingIn = patient.logIn(owner())
    await wire.until(() => isAsked)
    clock.advance(10 * startUpTimeMaxMs)
    ready.resolve(null)
    expect(short(await loggingIn)).toBe(loggedIn)
    expect(await silent.rest()).toBe('')
  })

  test('does not keep an endpoint from closing, whatever it waits for', async () => {
    const never = new Promise<never>(() => undefined)
    const late = Promise.withResolvers<void>()
    const endpoint = await wire.listen()
    wire.backend.onOpen = () => late.promise
    const opening = await wire.connect(endpoint)
    const loggingIn = opening.logIn(owner())
    await wire.until(() => endpoint.clients.size === 1)
    await endpoint.close()
    expect([short(await loggingIn), wire.backend.sessions.length]).toEqual(['R(10)R(11)', 0])
    late.resolve()
    await wire.until(() => wire.backend.sessions[0]?.isDisposed === true)
    const stuck = await wire.listen({ resolveDatabase: () => never })
    const resolving = await wire.connect(stuck)
    const neverIn = resolving.logIn(owner())
    await wire.until(() => resolving.socket.bytesWritten > 0)
    await stuck.close()
    expect(await neverIn).toEqual([])
  })

  test('leaves nothing behind when the client goes away in the middle of it', async () => {
    const endpoint = await wire.listen()
    const goAway = async (client: RawWireClient): Promise<void> => client.close()
    const opening = Promise.withResolvers<void>()
    wire.backend.onOpen = () => opening.promise
    const client = await wire.connect(endpoint)
    void client.logIn(owner())
    await wire.until(() => endpoint.clients.size === 1)
    expect(endpoint.clients.list()).toMatchObject([{ state: 'starting', processId: 0 }])
    await goAway(client)
    opening.resolve()
    await wire.until(() => endpoint.clients.size === 0)
    await wire.until(() => wire.session().isDisposed)
  })
})
