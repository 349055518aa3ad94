/** Goal: no window of the stand-in is less safe than the product promises. */

import { expect, test } from 'vitest'
import { refuseUnsafe } from './web-preferences.ts'

test('what the product uses is accepted', () => {
  const preferences = { sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false }
  expect(() => refuseUnsafe({ ...preferences, preload: import.meta.filename })).not.toThrow()
})

test.each([
  { contextIsolation: false },
  { sandbox: false },
  { nodeIntegration: true },
  { nodeIntegrationInWorker: true },
  { webSecurity: false },
  { allowRunningInsecureContent: true },
  { experimentalFeatures: true },
  { webviewTag: true },
  { enableBlinkFeatures: 'CSSVariables' },
  { preload: 'preload.cjs' },
])('%o is refused', (preferences) => {
  expect(() => refuseUnsafe(preferences)).toThrow(/stand-in/)
})
