/** How servers, and what trying them has found, are told. */

import { expect, it } from 'vitest'
import type { RemoteServer } from '../../contract/remote-server.ts'
import { protectionWords, serverAddress, trialWords } from './server-words.ts'

const server: RemoteServer = {
  ...{
    host: 'db.example.org',
    port: 5432,
    database: 'shop',
    user: 'ada',
    tlsMode: 'prefer',
    encryption: null,
  },
  ...{ isReadOnly: false, label: '', colour: 'none' },
}

it('an address is written so that it can be read back', () => {
  const hosts = ['db.example.org', '::1', '/run/postgresql']
  expect(hosts.map((host) => serverAddress({ ...server, host }))).toEqual([
    'shop at db.example.org:5432',
    'shop at [::1]:5432',
    'shop at /run/postgresql (port 5432)',
  ])
})

it('the protection is what there is, and before that what is wanted', () => {
  const encrypted: RemoteServer = { ...server, tlsMode: 'verify-full', encryption: 'TLSv1.3' }
  const told = [
    protectionWords(server, false),
    protectionWords(server, true),
    protectionWords(encrypted, true),
  ]
  expect(told).toEqual(['preferred', 'not encrypted (preferred)', 'TLSv1.3 (verify all)'])
})

it('a trial tells what answers, how safely and how far away', () => {
  const trial = { product: 'PostgreSQL', serverVersion: '18.4', connectMs: 20, roundTripMs: 1.26 }
  expect(trialWords({ ...trial, encryption: 'TLSv1.3', isVerified: true })).toBe(
    'PostgreSQL 18.4 · TLSv1.3, certificate checked · 1.3 ms away',
  )
  expect(trialWords({ ...trial, serverVersion: null, encryption: null, isVerified: false })).toBe(
    'PostgreSQL · not encrypted · 1.3 ms away',
  )
})
