/**
 * Goal: Electron is used where it is installed, and its absence costs nothing: no download, no failure. Method: a
 * folder in place of Electron's.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { captureTerminal } from '../../../test/support/captured-terminal.ts'
import { runCommandLine } from './command-line.ts'
import { findElectron } from './electron-binary.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardian-electron-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Runs `wardian` where a host cannot start, so that whether it would have been served shows. */
async function run(args: readonly string[]): Promise<string> {
  const captured = captureTerminal({
    ELECTRON_OVERRIDE_DIST_PATH: folder,
    WARDIAN_DATA: join(folder, 'data'),
  })
  await runCommandLine(
    {
      terminal: captured.terminal,
      clock: systemClock,
      startHost: () => Promise.reject(new WorkbenchError('unsupported', 'this would have been served')),
      interrupt: new AbortController().signal,
    },
    args,
  )
  return captured.stderr()
}

/** Either the host was asked for, or the page that it would serve is not built here. */
const served = /would have been served|page is not built/

describe('findElectron', () => {
  it('looks where the package and its switch say, and only looks', async () => {
    expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: folder })).toBeNull()
    await writeFile(join(folder, 'electron'), '')
    expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: folder })).toBe(join(folder, 'electron'))
  })
})

describe('wardian without a command', () => {
  it('is served where Electron is not installed, and says so', async () => {
    const stderr = await run([])
    expect(stderr).toContain('Electron is not installed here; opening in the browser instead')
    expect(stderr).toMatch(served)
  })

  it.each(['--no-open', '--json', '--port=7999'])('is served when %s asks for it', async (flag) => {
    await writeFile(join(folder, 'electron'), '')
    expect(await run([flag])).toMatch(served)
  })
})
