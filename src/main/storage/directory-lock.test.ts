/** The lock of a directory, between programs and within one. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { DirectoryLock, isHeld, readHolder, type LockHolder } from './directory-lock.ts'

const holder: LockHolder = {
  processId: process.pid,
  program: 'wardian serve',
  startedAtMs: 1_700_000_000_000,
  endpoint: null,
}
const holderProgram = fileURLToPath(new URL('../../../test/support/lock-holder.ts', import.meta.url))

describe('DirectoryLock', () => {
  expectNoLeaks()
  const path = temporaryDirectory()
  const children: ChildProcess[] = []
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  async function startHolder(directory: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, [holderProgram, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    await once(child.stdout, 'data')
    return child
  }

  it('refuses a second program, names the first, and takes over when that one was killed', async () => {
    const directory = path('two-programs')
    const child = await startHolder(directory)
    await expect(DirectoryLock.acquire(directory, holder)).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringMatching(new RegExp(`wardian serve \\(process ${child.pid}, since 2023-11-14`)),
    })
    expect(isHeld(directory)).toBe(true)
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    expect(isHeld(directory)).toBe(false)
    const lock = await DirectoryLock.acquire(directory, holder)
    expect((await readHolder(directory))?.processId).toBe(process.pid)
    await lock.release()
  })

  it('refuses a second opener in the same program, until it is released', async () => {
    const directory = path('one-program')
    const lock = await DirectoryLock.acquire(directory, holder)
    await expect(DirectoryLock.acquire(directory, holder)).rejects.toMatchObject({ code: 'in-use' })
    expect(isHeld(directory)).toBe(true)
    await lock.release()
    await lock.release()
    expect(isHeld(directory)).toBe(false)
    expect(await readHolder(directory)).toBeNull()
    await (await DirectoryLock.acquire(directory, holder)).release()
  })

  it('tells where the holder is reached, to the owner of the files alone', async () => {
    const directory = path('endpoint')
    const lock = await DirectoryLock.acquire(directory, holder)
    await lock.publishEndpoint('http://127.0.0.1:1234/#secret')
    expect((await readHolder(directory))?.endpoint).toBe('http://127.0.0.1:1234/#secret')
    const modes = ['', 'lock.db', 'holder.json'].map((name) => statSync(join(directory, name)).mode & 0o777)
    expect(modes).toEqual([0o700, 0o600, 0o600])
    await lock.release()
  })

  it('leaves the mode of a directory alone that was there before', async () => {
    mkdirSync(path('others'))
    chmodSync(path('others'), 0o755)
    await (await DirectoryLock.acquire(path('others'), holder)).release()
    expect(statSync(path('others')).mode & 0o777).toBe(0o755)
  })

  it('says what to do when the path is a file, or cannot be written', async () => {
    writeFileSync(path('file'), 'no directory')
    await expect(DirectoryLock.acquire(path('file'), holder)).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringContaining('choose another directory with --data'),
    })
    await expect(DirectoryLock.acquire('/proc/wardian', holder)).rejects.toMatchObject({
      message: expect.stringContaining('/proc/wardian'),
    })
  })

  it('recovers from a holder file that is damaged, and refuses a lock file that is something else', async () => {
    const directory = path('damaged')
    await (await DirectoryLock.acquire(directory, holder)).release()
    writeFileSync(join(directory, 'holder.json'), '{"processId": "x')
    expect(await readHolder(directory)).toBeNull()
    await (await DirectoryLock.acquire(directory, holder)).release()
    writeFileSync(
      join(directory, 'lock.db'),
      'this is not a database, but long enough to be looked at'.repeat(99),
    )
    await expect(DirectoryLock.acquire(directory, holder)).rejects.toMatchObject({ code: 'corrupt' })
  })
})
