/** Passwords on disk: sealed where there is a keyring, readable by one user alone where there is none. */

import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SecretFiles, type Sealer } from './secret-store.ts'

const keyring: Sealer = {
  seal: (text) => Promise.resolve(Buffer.from(`ours:${text}`).toString('base64')),
  unseal: (sealed) => {
    const text = Buffer.from(sealed, 'base64').toString()
    return Promise.resolve(text.startsWith('ours:') ? text.slice(5) : null)
  },
}
const brokenKeyring: Sealer = { seal: () => Promise.resolve(null), unseal: () => Promise.resolve(null) }

let folder: string
const onDisk = (): Promise<string> => readFile(join(folder, 'secret.json'), 'utf8')
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardian-secret-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a password', () => {
  it('is sealed by a keyring, and read again with it', async () => {
    const secrets = new SecretFiles(keyring)
    await secrets.set(folder, 'hunter2')
    expect(await onDisk()).not.toContain('hunter2')
    expect(await secrets.get(folder)).toBe('hunter2')
    expect([await secrets.has(folder), await secrets.isSealing()]).toEqual([true, true])
  })

  it.each([
    ['no keyring', null],
    ['a keyring that cannot', brokenKeyring],
  ])('is kept in a private file with %s, which is said', async (_what, sealer) => {
    const secrets = new SecretFiles(sealer)
    await secrets.set(folder, 'hunter2')
    expect((await stat(join(folder, 'secret.json'))).mode & 0o777).toBe(0o600)
    expect(await secrets.get(folder)).toBe('hunter2')
    expect(await secrets.isSealing()).toBe(false)
  })

  it('that was kept before there was a keyring is still read', async () => {
    await new SecretFiles().set(folder, 'old')
    expect(await new SecretFiles(keyring).get(folder)).toBe('old')
  })

  it.each([
    ['no keyring', null],
    ['another keyring', brokenKeyring],
  ])('that is sealed is asked for again with %s, and still known to be there', async (_what, sealer) => {
    await new SecretFiles(keyring).set(folder, 'hunter2')
    const secrets = new SecretFiles(sealer)
    await expect(secrets.get(folder)).rejects.toMatchObject({ code: 'permission-denied' })
    expect(await secrets.has(folder)).toBe(true)
    await secrets.set(folder, null)
    expect([await secrets.get(folder), await secrets.has(folder)]).toEqual([null, false])
  })
})
