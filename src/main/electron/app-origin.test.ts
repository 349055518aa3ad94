/** Addresses that look like the app's own, or like an allowed one, and are not. */

import { describe, expect, it } from 'vitest'
import { appUrl, isAllowedExternal, isAppUrl, isTrustedFrame } from './app-origin.ts'

describe('isAppUrl', () => {
  it.each([appUrl, 'app://page/index.html', 'app://page/?x#y'])('knows %s', (address) => {
    expect(isAppUrl(address)).toBe(true)
  })

  it.each([
    'app://page.evil/',
    'app://evil/',
    'app://user@page/',
    'https://page/',
    'file:///etc/passwd',
    'about:blank',
    'data:text/html,app://page/',
    'blob:app://page/1',
    'http://evil.example/app://page/',
    '',
    'page',
  ])('refuses %s', (address) => {
    expect(isAppUrl(address)).toBe(false)
  })
})

describe('isAllowedExternal', () => {
  it.each(['https://www.postgresql.org/docs/18/', 'https://pglite.dev/docs/'])('opens %s', (address) => {
    expect(isAllowedExternal(address)).toBe(true)
  })

  it.each([
    'http://www.postgresql.org/',
    'https://www.postgresql.org.evil.example/',
    'https://evil.example/https://www.postgresql.org/',
    'https://www.postgresql.org@evil.example/',
    'https://user@www.postgresql.org/',
    'https://www.postgresql.org:444/',
    'file:///bin/sh',
    'smb://evil/share',
    'javascript:alert(1)',
  ])('refuses %s', (address) => {
    expect(isAllowedExternal(address)).toBe(false)
  })
})

describe('isTrustedFrame', () => {
  it('listens to the top frame of a page of the app alone', () => {
    expect(isTrustedFrame({ url: appUrl, parent: null })).toBe(true)
    expect(isTrustedFrame({ url: appUrl, parent: {} })).toBe(false)
    expect(isTrustedFrame({ url: 'https://evil.example/', parent: null })).toBe(false)
    expect(isTrustedFrame(null)).toBe(false)
  })
})
