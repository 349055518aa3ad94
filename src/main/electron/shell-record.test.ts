/** What the app remembers of itself survives its end, and damage to its file costs no more than what is damaged. */

import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ShellMemory, usualShellSettings } from './shell-record.ts'

let folder: string
let failures: unknown[]
const open = (): ShellMemory => new ShellMemory(folder, (error) => failures.push(error))
const window = {
  bounds: { x: 1, y: 2, width: 800, height: 600 },
  isMaximized: true,
  isFullScreen: false,
  workspaceId: 'w1',
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardian-shell-'))
  failures = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the memory of the app', () => {
  it('is empty at first, and finds again what was changed', async () => {
    const memory = open()
    expect(memory.record).toEqual({
      ...{ windows: [], recentFiles: [], settings: usualShellSettings, hasGpuFailed: false },
    })
    memory.rememberWindows([window])
    memory.change({ settings: { ...usualShellSettings, staysInTray: true } })
    await memory.flush()
    expect(open().record).toMatchObject({ windows: [window], settings: { staysInTray: true } })
    expect((await stat(join(folder, 'shell.json'))).mode & 0o777).toBe(0o600)
  })

  it('has each file once, the newest first, and no more than a menu shows', async () => {
    const memory = open()
    for (let number = 1; number <= 20; number++) memory.rememberFile(`${number}.sql`)
    memory.rememberFile('15.sql')
    await memory.flush()
    const { recentFiles } = open().record
    expect(recentFiles.slice(0, 3)).toEqual(['15.sql', '20.sql', '19.sql'])
    expect(recentFiles).toHaveLength(12)
  })

  it.each(['', 'no JSON', '[]', 'null', '{"windows":7}'])('is empty where the file has %j', async (text) => {
    await writeFile(join(folder, 'shell.json'), text)
    expect(open().record.windows).toEqual([])
  })

  it('keeps what is whole when another part is damaged', async () => {
    const damaged = {
      windows: [{ ...window, bounds: { x: 1e9 } }],
      recentFiles: ['a.sql'],
      hasGpuFailed: true,
    }
    await writeFile(join(folder, 'shell.json'), JSON.stringify(damaged))
    expect(open().record).toMatchObject({ windows: [], recentFiles: ['a.sql'], hasGpuFailed: true })
  })

  it('goes on, and says so, where it cannot be written', async () => {
    const memory = open()
    await rm(folder, { recursive: true })
    memory.rememberFile('a.sql')
    await memory.flush()
    expect(failures).toHaveLength(1)
    expect(memory.record.recentFiles).toEqual(['a.sql'])
  })

  it('has no path of its own in it but those of files', async () => {
    const memory = open()
    memory.rememberFile('a.sql')
    await memory.flush()
    expect(await readFile(join(folder, 'shell.json'), 'utf8')).not.toContain(folder)
  })
})
