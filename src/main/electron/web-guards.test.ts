/**
 * Goal: whatever runs in a page, it gets nowhere and nothing. Method: the guards as they are installed, on objects that
 * have the events and setters of Electron's, asked as Chromium would ask.
 */

import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it } from 'vitest'
import { appUrl } from './app-origin.ts'
import { trustedOnly } from './sender-gate.ts'
import { guardPages, guardPermissions, type GuardedApp } from './web-guards.ts'
import { windowOptions } from './window-options.ts'

const evil = 'https://evil.example/'

class FakeContents extends EventEmitter {
  answerOpen: (details: { url: string }) => { action: string } = () => ({ action: 'allow' })

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.answerOpen = handler
  }

  /** Whether Chromium may go on with `event`. */
  may(event: string, url: string): boolean {
    let isPrevented = false
    this.emit(event, { url, preventDefault: () => (isPrevented = true) })
    return !isPrevented
  }
}

describe('a page', () => {
  let contents: FakeContents
  let opened: string[]
  beforeEach(() => {
    contents = new FakeContents()
    opened = []
    const app = new EventEmitter()
    guardPages(app as unknown as GuardedApp, (address) => opened.push(address))
    app.emit('web-contents-created', {}, contents)
  })

  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])('cannot leave by %s', (event) => {
    for (const url of [
      evil,
      'file:///etc/passwd',
      'about:blank',
      'data:text/html,x',
      'app://page.evil/',
      '',
    ]) {
      expect(contents.may(event, url), url).toBe(false)
    }
    expect(contents.may(event, appUrl)).toBe(true)
  })

  it('cannot embed a view', () => {
    expect(contents.may('will-attach-webview', appUrl)).toBe(false)
  })

  it('opens no window; manuals open in the system browser, nothing else does', () => {
    const manual = 'https://www.postgresql.org/docs/18/'
    for (const url of [evil, manual, appUrl, 'file:///bin/sh', 'wardian://instance/x', 'smb://evil/x']) {
      expect(contents.answerOpen({ url })).toEqual({ action: 'deny' })
    }
    expect(opened).toEqual([manual])
  })
})

describe('permissions', () => {
  type Request = (contents: { getURL(): string }, permission: string, answer: (is: boolean) => void) => void
  type Check = (contents: null, permission: string, origin: string) => boolean
  const handlers: { request?: Request; check?: Check; device?: () => boolean } = {}
  guardPermissions({
    setPermissionRequestHandler: (handler: unknown) => (handlers.request = handler as Request),
    setPermissionCheckHandler: (handler: unknown) => (handlers.check = handler as Check),
    setDevicePermissionHandler: (handler: unknown) => (handlers.device = handler as () => boolean),
  })

  const requested = (permission: string, url: string): boolean | undefined => {
    let found: boolean | undefined
    handlers.request?.({ getURL: () => url }, permission, (is) => (found = is))
    return found
  }

  it.each([
    ...['media', 'geolocation', 'notifications', 'midi', 'midiSysex', 'pointerLock', 'fullscreen'],
    ...['openExternal', 'clipboard-read', 'display-capture', 'fileSystem', 'hid', 'serial', 'usb', 'unknown'],
  ])('has not got %s, not even the app itself', (permission) => {
    expect(requested(permission, appUrl)).toBe(false)
    expect(handlers.check?.(null, permission, appUrl)).toBe(false)
  })

  it('may copy, and nobody else may', () => {
    expect(requested('clipboard-sanitized-write', appUrl)).toBe(true)
    expect(handlers.check?.(null, 'clipboard-sanitized-write', appUrl)).toBe(true)
    expect(requested('clipboard-sanitized-write', evil)).toBe(false)
    expect(handlers.check?.(null, 'clipboard-sanitized-write', evil)).toBe(false)
    expect(handlers.device?.()).toBe(false)
  })
})

describe('a message of a page', () => {
  it('is heard from the top frame of the app alone', () => {
    const heard: string[] = []
    const listener = trustedOnly((frame: { url: string; parent: unknown }, sender: string) => {
      heard.push(`${sender} ${frame.url}`)
    })
    listener({ sender: 'page', senderFrame: { url: appUrl, parent: null } })
    listener({ sender: 'frame in it', senderFrame: { url: appUrl, parent: {} } })
    listener({ sender: 'stranger', senderFrame: { url: evil, parent: null } })
    listener({ sender: 'page that is gone', senderFrame: null })
    expect(heard).toEqual([`page ${appUrl}`])
  })
})

describe('a window', () => {
  it('is sandboxed and isolated, with nothing switched on that is off by default', () => {
    const { webPreferences } = windowOptions({ x: 0, y: 0, width: 800, height: 600 })
    expect({ ...webPreferences, preload: '' }).toEqual({
      preload: '',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
    })
    expect(webPreferences?.preload).toMatch(/preload\.cjs$/)
  })
})
