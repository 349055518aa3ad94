/** Each platform's program, and what happens where there is none. */

import { describe, expect, it } from 'vitest'
import { browserOpener, openBrowser } from './open-browser.ts'

describe('browserOpener', () => {
  it('has a program for each platform, and hands the address over as one argument', () => {
    const address = 'http://127.0.0.1:1/#token=a&b'
    const opener = (platform: NodeJS.Platform): unknown =>
      browserOpener(address, { platform, environment: { DISPLAY: ':0' } })
    expect(opener('linux')).toEqual({ program: 'xdg-open', args: [address] })
    expect(opener('darwin')).toEqual({ program: 'open', args: [address] })
    expect(opener('win32')).toEqual({
      program: 'rundll32.exe',
      args: ['url.dll,FileProtocolHandler', address],
    })
  })

  it('has none where there is no desktop', () => {
    expect(browserOpener('', { platform: 'linux', environment: {} })).toBeNull()
  })
})

describe('openBrowser', () => {
  it('says that nothing was opened when the program is not there', async () => {
    expect(await openBrowser('http://127.0.0.1:1/', { DISPLAY: ':0', PATH: '/nowhere' })).toBe(false)
    expect(await openBrowser('http://127.0.0.1:1/', {})).toBe(false)
  })
})
