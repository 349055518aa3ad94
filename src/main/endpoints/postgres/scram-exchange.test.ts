/**
 * Goal: the exchange is that of the RFCs, byte for byte, and every other one is refused. Method: the vector of RFC
 * 7677, then a client written on node:crypto alone that can be made to lie.
 */

import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { WorkbenchError } from '../../../contract/error.ts'
import { scramFinal, scramFirstBare, type ScramLies } from '../../../../test/support/lying-scram-client.ts'
import { ScramExchange, scramMechanism, scramPlusMechanism, type ScramOptions } from './scram-exchange.ts'
import { makeVerifier, mockVerifier, readVerifier, scramKeys, type ScramVerifier } from './scram-verifier.ts'

async function verifierOf(password: string): Promise<ScramVerifier> {
  const verifier = readVerifier(await makeVerifier(password))
  if (!verifier) throw new Error('The verifier cannot be read')
  return verifier
}

/**
 * Runs an exchange as `n=,r=abc`, with and without looking ahead; answers whether the proof was right, or the SQLSTATE
 * of the refusal.
 */
async function outcomeOf(
  password: string,
  options: Partial<ScramOptions> = {},
  lies: ScramLies = {},
): Promise<unknown> {
  const verifier = await verifierOf('right')
  const all = { verifier, mechanism: scramMechanism, channelBinding: null, ...options } as const
  const [outcome, foreseen] = [false, true].map((foresees) => runExchange({ password, all, lies, foresees }))
  expect(foreseen).toEqual(outcome)
  return outcome
}

interface Run {
  readonly password: string
  readonly all: ScramOptions
  readonly lies: ScramLies
  readonly foresees: boolean
}

function runExchange({ password, all, lies, foresees }: Run): unknown {
  const exchange = new ScramExchange(all)
  try {
    const serverFirst = exchange.begin(`${lies.header ?? 'n,,'}${scramFirstBare}`)
    if (foresees) exchange.foresee()
    return exchange.finish(scramFinal(serverFirst, password, lies)) !== null
  } catch (error) {
    return error instanceof WorkbenchError ? error.sql?.code : error
  }
}

describe('a SCRAM exchange', () => {
  test('is the one of RFC 7677, section 3', async () => {
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
    const verifier = { iterations: 4096, salt, ...(await scramKeys('pencil', salt, 4096)) }
    const nonce = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
    const exchange = new ScramExchange({ verifier, mechanism: scramMechanism, channelBinding: null, nonce })
    expect(exchange.begin('n,,n=user,r=rOprNGfwEbeRWgbNEkqO')).toBe(
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    )
    const final =
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,' +
      'p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ='
    expect(exchange.finish(final)).toBe('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
    exchange.foresee()
    expect(exchange.finish(final)).toBe('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
  })

  test('tells the right password from every other', async () => {
    expect(await outcomeOf('right')).toBe(true)
    expect(await outcomeOf('right', {}, { header: 'y,,' })).toBe(true)
    expect(await outcomeOf('right', {}, { extension: ',x=1' })).toBe(true)
    expect(await outcomeOf('wrong')).toBe(false)
    expect(await outcomeOf('')).toBe(false)
    const verifier = mockVerifier('nobody', randomBytes(32))
    expect(await outcomeOf('right', { verifier })).toBe(false)
  })

  test('is bound to the certificate, and notices when somebody in between takes the offer away', async () => {
    const channelBinding = randomBytes(32)
    const plus = { mechanism: scramPlusMechanism, channelBinding } as const
    const header = 'p=tls-server-end-point,,'
    const bound = (data: Buffer): string => Buffer.concat([Buffer.from(header), data]).toString('base64')
    expect(await outcomeOf('right', plus, { header, binding: bound(channelBinding) })).toBe(true)
    expect(await outcomeOf('right', plus, { header, binding: bound(randomBytes(32)) })).toBe('28000')
    expect(await outcomeOf('right', plus, { header })).toBe('28000')
    expect(await outcomeOf('right', plus)).toBe('08P01')
    expect(await outcomeOf('right', plus, { header: 'p=tls-unique,,' })).toBe('08P01')
    expect(await outcomeOf('right', { channelBinding }, { header: 'y,,' })).toBe('28000')
    expect(await outcomeOf('right', { channelBinding })).toBe(true)
    expect(await outcomeOf('right', {}, { header, binding: bound(channelBinding) })).toBe('08P01')
    expect(await outcomeOf('right', {}, { binding: bound(channelBinding) })).toBe('08P01')
  })

  test('refuses what is no SCRAM message', async () => {
    expect(await outcomeOf('right', {}, { nonce: 'abc' })).toBe('08P01')
    expect(await outcomeOf('right', {}, { header: 'n,a=other,' })).toBe('0A000')
    const verifier = await verifierOf('right')
    const exchange = (): ScramExchange =>
      new ScramExchange({ verifier, mechanism: scramMechanism, channelBinding: null })
    const firsts = ['', 'n', 'n,,', 'x,,n=,r=abc', 'n,,n=', 'n,,r=abc', 'n,,n=,r=a\u0001', 'n,,m=1,n=,r=a']
    for (const first of firsts) expect(() => exchange().begin(first), first).toThrow(WorkbenchError)
    for (const final of [
      '',
      'c=biws',
      'c=biws,r=abc',
      'r=abc,p=AAAA',
      'c=biws,r=abc,p=',
      'c=biws,r=abc,p=!',
    ]) {
      const begun = exchange()
      begun.begin('n,,n=,r=abc')
      expect(() => begun.finish(final), final).toThrow(WorkbenchError)
    }
    const begun = exchange()
    const serverFirst = begun.begin('n,,n=,r=abc')
    const short = scramFinal(serverFirst, 'right').replace(/p=.*/, 'p=AAAA')
    expect(() => begun.finish(short)).toThrow('malformed')
  })

  test('answers another nonce each time', async () => {
    const verifier = await verifierOf('right')
    const firsts = Array.from({ length: 50 }, () =>
      new ScramExchange({ verifier, mechanism: scramMechanism, channelBinding: null }).begin('n,,n=,r=abc'),
    )
    expect(new Set(firsts).size).toBe(50)
  })
})
