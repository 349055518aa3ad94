/** The order of looking and getting, with invented machines; and the variable that overrules it, on this one. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { installedBrowser, obtainBrowser } from './find-browser.ts'

/** A machine on which installing `name` puts a browser at /opt/`name` if it is among `working`. */
function machine(names: readonly string[], working: readonly string[], installed?: string) {
  const runs: string[] = []
  let found = installed
  const waysToInstall = names.map((name) => ({
    name,
    install: () => {
      runs.push(name)
      if (working.includes(name)) found = `/opt/${name}`
      return Promise.resolve({ exitCode: found ? 0 : 7, output: `${name} says why\n`, elapsedMs: 1 })
    },
  }))
  return { runs, source: { find: () => found, waysToInstall } }
}

describe('obtainBrowser', () => {
  it('installs nothing where a browser is installed', async () => {
    const { runs, source } = machine(['download'], ['download'], '/usr/bin/chromium')
    expect(await obtainBrowser(() => undefined, source)).toBe('/usr/bin/chromium')
    expect(runs).toEqual([])
  })

  it('tries the next way when one fails, and stops at the first that works', async () => {
    const { runs, source } = machine(['download', 'apt', 'other'], ['apt', 'other'])
    expect(await obtainBrowser(() => undefined, source)).toBe('/opt/apt')
    expect(runs).toEqual(['download', 'apt'])
  })

  it('fails with what was tried and what to do when there is no way', async () => {
    const { source } = machine(['download', 'apt'], [])
    const attempt = obtainBrowser(() => undefined, source)
    await expect(attempt).rejects.toThrow(/Install one, or name one with WARDIAN_BROWSER=/)
    await expect(attempt).rejects.toThrow(/download ended with 7: download says why\napt ended with 7/)
  })
})

describe('installedBrowser', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('takes the program that WARDIAN_BROWSER names', () => {
    vi.stubEnv('WARDIAN_BROWSER', process.execPath)
    expect(installedBrowser()).toBe(process.execPath)
  })

  it('refuses a WARDIAN_BROWSER that is no program, rather than taking another', () => {
    vi.stubEnv('WARDIAN_BROWSER', '/nowhere/chromium')
    expect(() => installedBrowser()).toThrow('/nowhere/chromium')
  })
})
