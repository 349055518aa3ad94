/**
 * Goal: existing clients of Neon's protocols work unchanged, over WebSockets and over HTTP. Method: all cases play on
 * one host, which takes longer to start than they do.
 */

import { describe } from 'vitest'
import { neonFixture } from '../support/neon-fixture.ts'
import { drizzleCases } from './drizzle-cases.ts'
import { hostileCases } from './hostile-cases.ts'
import { httpCases } from './http-cases.ts'
import { wireClientCases } from './wire-client-cases.ts'
import { wireMessageCases } from './wire-message-cases.ts'

const neon = neonFixture()

describe('clients over WebSockets', () => {
  wireClientCases(neon)
})
describe('messages over WebSockets', () => {
  wireMessageCases(neon)
})
describe('statements over HTTP', () => {
  httpCases(neon)
})
describe('Drizzle', () => {
  drizzleCases(neon)
})
describe('hostile clients', () => {
  hostileCases(neon)
})
