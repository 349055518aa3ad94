/**
 * Goal: where Chromium's sandbox cannot work, the launcher says what to do before Electron dies, and nowhere else.
 * Method: the script itself, with folders in place of /proc and of the app.
 */

import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const launcher = join(import.meta.dirname, 'linux/desktop-launcher.sh')

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wardian-sandbox-'))
  put('app/wardian-desktop', '#!/bin/sh\necho started "$@"\n')
  chmodSync(join(root, 'app/wardian-desktop'), 0o755)
  put('app/chrome-sandbox', '')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function start(
  args: readonly string[] = [],
  user = '1000',
  environment: Readonly<Record<string, string>> = {},
): { code: number | null; out: string; told: string } {
  const { status, stdout, stderr } = spawnSync('/bin/sh', [launcher, ...args], {
    encoding: 'utf8',
    env: {
      ...{ PATH: process.env['PATH'], WARDIAN_APP_FOLDER: join(root, 'app'), SANDBOX_ROOT: root },
      ...{ SANDBOX_USER: user, SANDBOX_OWNER: String(process.getuid?.() ?? 0), ...environment },
    },
  })
  return { code: status, out: stdout, told: stderr }
}

const restriction = 'proc/sys/kernel/apparmor_restrict_unprivileged_userns'

describe('the launcher of the app', () => {
  it('starts it with its arguments where namespaces of users are allowed', () => {
    expect(start(['a file.sql'])).toEqual({ code: 0, out: 'started a file.sql\n', told: '' })
    put(restriction, '0\n')
    expect(start().code).toBe(0)
  })

  it.each([
    ['AppArmor restricts them', restriction, '1'],
    ['the kernel has none for users', 'proc/sys/kernel/unprivileged_userns_clone', '0'],
    ['none may be made', 'proc/sys/user/max_user_namespaces', '0'],
  ])('says what to do where %s', (_why, path, value) => {
    put(path, `${value}\n`)
    const { code, out, told } = start()
    expect([code, out]).toEqual([1, ''])
    expect(told).toContain('chmod 4755')
    expect(told).toContain('apparmor_restrict_unprivileged_userns=0')
    expect(told).not.toContain('--no-sandbox')
  })

  it('starts it all the same with the helper, or with a profile of AppArmor that is for it', () => {
    put(restriction, '1\n')
    chmodSync(join(root, 'app/chrome-sandbox'), 0o4755)
    expect(start().code).toBe(0)
    chmodSync(join(root, 'app/chrome-sandbox'), 0o755)
    expect(start().code).toBe(1)
    put('etc/apparmor.d/wardian-desktop', 'profile wardian-desktop /elsewhere/wardian-desktop { userns, }')
    expect(start().code).toBe(1)
    put('etc/apparmor.d/wardian-desktop', `profile wardian-desktop ${root}/app/wardian-desktop { userns, }`)
    expect(start().code).toBe(0)
  })

  it('takes no help of the helper in an AppImage, where it has no rights whatever its mode is', () => {
    const inImage = { APPIMAGE: 'wardian.AppImage' }
    expect(start([], '1000', inImage).code).toBe(0)
    put(restriction, '1\n')
    chmodSync(join(root, 'app/chrome-sandbox'), 0o4755)
    const { code, told } = start([], '1000', inImage)
    expect(code).toBe(1)
    expect(told).toContain('instead of the AppImage')
    expect(told).not.toContain('chmod')
  })

  it('finds the app beside the folder that it lies in, by a link, too', () => {
    put('unpacked here/lib/wardian/wardian-desktop', '#!/bin/sh\necho found "$@"\n')
    chmodSync(join(root, 'unpacked here/lib/wardian/wardian-desktop'), 0o755)
    mkdirSync(join(root, 'unpacked here/bin'))
    copyFileSync(launcher, join(root, 'unpacked here/bin/wardian-desktop'))
    chmodSync(join(root, 'unpacked here/bin/wardian-desktop'), 0o755)
    symlinkSync(join(root, 'unpacked here/bin/wardian-desktop'), join(root, 'link'))
    const env = { PATH: process.env['PATH'], SANDBOX_ROOT: root, SANDBOX_USER: '1000' }
    expect(spawnSync(join(root, 'link'), ['a'], { encoding: 'utf8', env }).stdout).toBe('found a\n')
  })

  it('does not start as root, and leaves the sandbox off only for who says so', () => {
    expect(start([], '0')).toMatchObject({ code: 1, told: expect.stringContaining('root') })
    put(restriction, '1\n')
    expect(start(['--no-sandbox'])).toMatchObject({ code: 0, out: 'started --no-sandbox\n' })
  })
})
