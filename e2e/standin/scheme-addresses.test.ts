/** Goal: an address of the app's scheme becomes one that Chromium loads, and the same again. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SchemeAddresses } from './scheme-addresses.ts'

const addresses = new SchemeAddresses(4_321, new Set(['app']))

test('the scheme and its host become a host of the loopback server', () => {
  expect(addresses.toServed('app://page')).toBe('http://page.app.localhost:4321/')
  expect(addresses.toServed('app://page/a?b#c')).toBe('http://page.app.localhost:4321/a?b#c')
  expect(addresses.fromServed('http://page.app.localhost:4321/a?b#c')).toBe('app://page/a?b#c')
})

test('addresses of others stay as they are', () => {
  for (const address of ['about:blank', 'https://pglite.dev/', 'other://page/']) {
    expect(addresses.toServed(address)).toBe(address)
  }
  for (const served of [
    'http://page.app.localhost:1/',
    'http://page.other.localhost:4321/',
    'http://app.localhost:4321/',
  ]) {
    expect(addresses.fromServed(served)).toBe(served)
  }
})

test('every path comes back as it went', () => {
  fc.assert(
    fc.property(fc.webPath(), fc.webQueryParameters(), (path, query) => {
      const address = `app://page${path.startsWith('/') ? path : `/${path}`}?${query}`
      expect(addresses.fromServed(addresses.toServed(address))).toBe(address)
    }),
  )
})
