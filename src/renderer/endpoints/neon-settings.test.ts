/**
 * Goal: what people paste points Neon's client to the endpoint, whole and without a way to Neon itself. Method: the
 * texts, and the client's own settings.
 */

import { neonConfig } from '@neondatabase/serverless'
import { expect, test } from 'vitest'
import { neonSettings } from './neon-settings.ts'

test('what is pasted points the client to the endpoint, with TLS and without', () => {
  expect(neonSettings('http://127.0.0.1:5480')).toBe(
    `Object.assign(neonConfig, { wsProxy: '127.0.0.1:5480/v2', useSecureWebSocket: false, ` +
      `fetchEndpoint: 'http://127.0.0.1:5480/sql' })`,
  )
  expect(neonSettings('https://db.example:5480')).toBe(
    `Object.assign(neonConfig, { wsProxy: 'db.example:5480/v2', useSecureWebSocket: true, ` +
      `fetchEndpoint: 'https://db.example:5480/sql' })`,
  )
  for (const name of ['wsProxy', 'useSecureWebSocket', 'fetchEndpoint'])
    expect(neonConfig).toHaveProperty(name)
})
