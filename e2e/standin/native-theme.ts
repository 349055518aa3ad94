/** `nativeTheme`: what the app chose; the system's own theme is Chromium's. */

import { EventEmitter } from 'node:events'
import type Electron from 'electron'
import { strict } from './strict.ts'

type Members = Pick<
  Electron.NativeTheme,
  'themeSource' | 'shouldUseDarkColors' | 'shouldUseHighContrastColors'
>

class StandInTheme extends EventEmitter implements Members {
  readonly shouldUseHighContrastColors = false
  #source: Electron.NativeTheme['themeSource'] = 'system'

  get themeSource(): Electron.NativeTheme['themeSource'] {
    return this.#source
  }

  set themeSource(source) {
    this.#source = source
    this.emit('updated')
  }

  get shouldUseDarkColors(): boolean {
    return this.#source === 'dark'
  }
}

export const nativeTheme = strict('nativeTheme', new StandInTheme())

/** What pages are told that people prefer; null leaves it to Chromium, and to the spec. */
export function prefersDark(): boolean | null {
  return nativeTheme.themeSource === 'system' ? null : nativeTheme.themeSource === 'dark'
}
