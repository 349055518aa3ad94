/**
 * Goal: when the app ends badly its user learns how, and what else would work. Method: an Electron that is a shell
 * script.
 */

import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { captureTerminal } from '../../../test/support/captured-terminal.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { runCommandLine } from './command-line.ts'

expectNoLeaks()

/** The other platforms have a desktop, or cannot tell. */
const blame = process.platform === 'linux' ? 'There is no display here for its window. ' : ''

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardian-open-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Runs `wardian app` with an Electron that runs `script`. */
async function open(
  script: string,
  { mode = 0o700, environment = {} }: { mode?: number; environment?: Record<string, string> } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  // Where the installed package says which name its executable has, that is the name looked for.
  for (const name of ['electron', 'Electron.app/Contents/MacOS/Electron']) {
    const program = join(folder, name)
    await mkdir(dirname(program), { recursive: true })
    await writeFile(program, `#!/bin/sh\n${script}\n`)
    await chmod(program, mode)
  }
  const captured = captureTerminal({
    ELECTRON_OVERRIDE_DIST_PATH: folder,
    WARDIAN_DATA: join(folder, 'data'),
    ...environment,
  })
  const code = await runCommandLine(
    {
      terminal: captured.terminal,
      clock: systemClock,
      startHost: () => Promise.reject(new Error('the app starts its own host')),
      interrupt: new AbortController().signal,
    },
    ['app'],
  )
  return { code, stdout: captured.stdout(), stderr: captured.stderr() }
}

describe('the app', () => {
  it('is well when Electron ends with 0, which has the data directory from its environment', async () => {
    const script = `[ "$WARDIAN_DATA" = "${join(folder, 'data')}" ]`
    expect(await open(script)).toEqual({ code: 0, stdout: '', stderr: 'Opening Wardian\n' })
  })

  it.each([
    ['exit 1', 'error: The app ended with code 1. '],
    ['kill -9 $$', 'error: The app was ended by the signal SIGKILL. '],
  ])('that fails without a display (%s) advises to serve', async (script, message) => {
    const { code, stderr } = await open(script)
    expect(code).toBe(1)
    expect(stderr).toContain(`${message}${blame}\`wardian serve\` serves the same workbench to a browser\n`)
  })

  it('that fails with a display does not blame the display', async () => {
    const { code, stderr } = await open('exit 3', { environment: { DISPLAY: ':0' } })
    expect(code).toBe(1)
    expect(stderr).toContain('The app ended with code 3. `wardian serve` serves')
  })

  it('that cannot be started says why and advises to serve', async () => {
    const { code, stderr } = await open('exit 0', { mode: 0o600 })
    expect(code).toBe(1)
    expect(stderr).toMatch(/could not be started \(.*EACCES.*\); `wardian serve` uses the browser/)
  })
})
