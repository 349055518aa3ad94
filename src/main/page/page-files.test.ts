/** The table of files is exactly the build; the policy is as strict as it says. */

import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contentSecurityPolicy, trustedTypesPolicies } from './content-security-policy.ts'
import { PageFiles } from './page-files.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardian-page-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('PageFiles', () => {
  it('has exactly the files of the build, without source maps and links', async () => {
    await mkdir(join(folder, 'assets'))
    await writeFile(join(folder, 'index.html'), 'page')
    await writeFile(join(folder, 'assets', 'a.wasm'), 'wasm')
    await writeFile(join(folder, 'assets', 'a.js.map'), 'map')
    await writeFile(join(folder, 'strange.exe'), 'bytes')
    await symlink('/etc/passwd', join(folder, 'passwd.txt'))
    const pages = await PageFiles.read(folder)
    expect([...pages.paths].sort()).toEqual(['/assets/a.wasm', '/index.html', '/strange.exe'])
    expect(pages.find('/')).toBe(pages.find('/index.html'))
    expect(pages.find('/assets/a.wasm')?.headers).toMatchObject({
      'Content-Type': 'application/wasm',
      'Cache-Control': 'private, max-age=31536000, immutable',
    })
    expect(pages.find('/strange.exe')?.headers['Content-Type']).toBe('application/octet-stream')
  })

  it('answers from what was read, even after the files changed', async () => {
    await writeFile(join(folder, 'index.html'), 'one')
    const pages = await PageFiles.read(folder)
    await writeFile(join(folder, 'index.html'), 'two')
    expect(pages.find('/')?.bytes.toString()).toBe('one')
  })

  it('says how to build what is not built', async () => {
    const missing = { code: 'not-found', message: expect.stringContaining('npm run build') }
    await expect(PageFiles.read(folder)).rejects.toMatchObject(missing)
    await expect(PageFiles.read(join(folder, 'nowhere'))).rejects.toMatchObject(missing)
  })
})

describe('the content security policy', () => {
  it('allows nothing from elsewhere, no inline script and no eval', () => {
    expect(contentSecurityPolicy).toContain("default-src 'none'")
    expect(contentSecurityPolicy).toContain("script-src 'self' 'wasm-unsafe-eval';")
    expect(contentSecurityPolicy).not.toMatch(/\*|https?:|blob:|'unsafe-eval'|script-src[^;]*unsafe-inline/)
  })

  it('names every Trusted Types policy, in order and once', () => {
    expect([...new Set(trustedTypesPolicies)].sort()).toEqual([...trustedTypesPolicies])
  })
})
