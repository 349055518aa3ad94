/** Each rule is shown a text it must find and one close to it that it must let pass. */
import { describe, expect, it } from 'vitest'
import { LINES_PER_FILE_MAX, LINE_LENGTH_MAX, untidyIn } from './tidy-rules.ts'

const OPENING = '/** Owns the example. */\n'

function messages(path: string, text: string): string[] {
  return untidyIn({ path, text }).map((finding) => finding.message)
}

describe('banned text', () => {
  const cases: readonly (readonly [path: string, bad: string, good: string])[] = [
    ['src/base/a.ts', '// TODO later', '// to do this later'],
    ['src/base/a.ts', '// @ts-ignore', '// tsc ignores it'],
    ['src/base/a.ts', '// oxlint-disable-next-line', '// oxlint reads it'],
    ['src/base/a.test.ts', "it.only('works', f)", "it('works only once', f)"],
    ['test/a.ts', "describe.skip('all', f)", "describe('skip', f)"],
    ['e2e/a.spec.ts', 'test.fixme(true)', 'test(title, f)'],
    ['src/base/a.test.ts', 'await new Promise((r) => setTimeout(r, 10))', 'setTimeout(() => fail(), 10)'],
    ['e2e/a.spec.ts', 'await page.waitForTimeout(5)', 'await page.waitForSelector(x)'],
    ['src/main/host/a.ts', 'const at = Date.now()', 'const at = clock.nowMs()'],
    ['src/main/host/a.ts', 'const at = new Date()', 'const at = new Date(ms)'],
    ['src/main/host/a.ts', '  private count = 0', '  #count = 0'],
    ['src/main/host/a.ts', '  protected run() {', '  private constructor() {'],
    ['src/main/host/a.ts', 'class QueryManager {}', 'class QueryQueue {}'],
    ['src/main/host/a.ts', 'interface IQuery {}', 'interface InstanceInfo {}'],
    ['src/main/electron/a.ts', 'ipcMain.on(channel, listener)', 'onPageAsks(channel, listener)'],
    ['src/main/electron/a.ts', 'await shell.openExternal(url)', 'openExternal(url)'],
    ['src/main/electron/a.ts', 'const x = { webPreferences: {} }', 'windowOptions(bounds)'],
    ['src/main/electron/a.ts', 'window.loadURL(address)', 'window.load()'],
    ['src/main/electron/window-options.ts', 'contextIsolation: false,', 'contextIsolation: true,'],
    ['src/main/electron/window-options.ts', 'nodeIntegrationInWorker: true,', 'nodeIntegration: false,'],
    ['src/main/electron/a.ts', 'contents.executeJavaScript(text)', 'contents.reload()'],
    ['src/renderer/app/a.ts', "fetch('file:///etc/passwd')", "fetch('/assets/x')"],
    ['src/main/host/a.ts', "const path = '/home/me/x'", "const url = 'https://example.org/home/x'"],
  ]

  it.each(cases)('in %s finds `%s` and lets `%s` pass', (path, bad, good) => {
    expect(messages(path, `${OPENING}${bad}\n`)).toHaveLength(1)
    expect(messages(path, `${OPENING}${good}\n`)).toEqual([])
  })

  it('lets the clock read the clock', () => {
    expect(messages('src/base/clock.ts', `${OPENING}Date.now()\n`)).toEqual([])
  })
})

describe('files', () => {
  it('must open with a comment, also after a #! line', () => {
    expect(messages('src/base/a.ts', 'export const a = 1\n')).toHaveLength(1)
    expect(messages('bin/a.mjs', `#!/usr/bin/env node\n${OPENING}`)).toEqual([])
  })

  it('must not be barrels or lie in folders that say nothing', () => {
    expect(messages('src/base/index.ts', OPENING)).toHaveLength(1)
    expect(messages('src/main/utils/a.ts', OPENING)).toHaveLength(1)
    expect(messages('src/main/library/a.ts', OPENING)).toEqual([])
  })

  it(`may have ${LINES_PER_FILE_MAX} lines and not one more`, () => {
    const longest = OPENING + 'x\n'.repeat(LINES_PER_FILE_MAX - 1)
    expect(messages('src/base/a.ts', longest)).toEqual([])
    expect(messages('src/base/a.ts', `${longest}x\n`)).toHaveLength(1)
  })

  it(`may have lines of ${LINE_LENGTH_MAX} characters and not one more, but for addresses`, () => {
    const longest = 'ü'.repeat(LINE_LENGTH_MAX)
    expect(messages('src/base/a.ts', `${OPENING}${longest}\n`)).toEqual([])
    expect(messages('src/base/a.ts', `${OPENING}${longest}x\n`)).toHaveLength(1)
    expect(messages('src/base/a.ts', `${OPENING}// https://${longest}\n`)).toEqual([])
  })
})
