/** The order of choices, and each platform's place. */

import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dataDirectory } from './data-directory.ts'

const linux = { platform: 'linux', environment: {}, home: '/h' } as const

describe('dataDirectory', () => {
  it('is what the option says, then what WARDIAN_DATA says, as an absolute path', () => {
    const environment = { WARDIAN_DATA: 'from-environment' }
    expect(dataDirectory('from-option', { ...linux, environment })).toBe(resolve('from-option'))
    expect(dataDirectory(undefined, { ...linux, environment })).toBe(resolve('from-environment'))
  })

  it('is the place of each platform otherwise', () => {
    expect(dataDirectory(undefined, linux)).toBe('/h/.local/share/wardian')
    expect(
      dataDirectory(undefined, { ...linux, environment: { XDG_DATA_HOME: '/x', WARDIAN_DATA: '' } }),
    ).toBe('/x/wardian')
    expect(dataDirectory(undefined, { ...linux, environment: { XDG_DATA_HOME: 'relative' } })).toBe(
      '/h/.local/share/wardian',
    )
    expect(dataDirectory(undefined, { ...linux, platform: 'darwin' })).toBe(
      '/h/Library/Application Support/Wardian',
    )
    expect(dataDirectory(undefined, { ...linux, platform: 'win32', environment: { APPDATA: '/r' } })).toBe(
      '/r/Wardian',
    )
  })
})
