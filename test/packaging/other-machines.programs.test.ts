/**
 * Goal: packages for other systems and processors than this one have the native code of theirs, and what their systems
 * read of them. Method: they are made here, of a stub of Electron where there is one in it, and looked at; nothing of
 * them can be run here.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { archivedFiles, archivePath } from '../../build/packaging/electron/verify-packed-app.ts'
import { toldByProgram } from '../../build/packaging/electron/windows-program.ts'
import { runProgram } from '../support/run-program.ts'
import { buildPackages, packagesDirectory } from './built-package.ts'
import { machineOf } from './machine-of.ts'

/** The app is packed several times, and a Node fetched. */
const packageTimeoutMs = 600_000

/** What is native in an app that is packed for `system`: its paths, and for which machine it is. */
function nativeIn(folder: string, system: 'mac' | 'windows' | 'linux'): Record<string, string> {
  const archive = archivePath(folder, system)
  const paths = archivedFiles(archive).map(({ path }) => path)
  const native = paths.filter((path) => path.endsWith('.node'))
  return Object.fromEntries(native.map((path) => [path, machineOf(join(`${archive}.unpacked`, path))]))
}

const binary = (platform: string): string => `node_modules/better-sqlite3/prebuilds/${platform}.node`

describe('packages for other machines', { timeout: packageTimeoutMs }, () => {
  const path = packagesDirectory()

  async function build(
    kinds: Parameters<typeof buildPackages>[0]['kinds'],
    ...options: string[]
  ): Promise<string> {
    const output = path(options.join(''))
    await buildPackages({ kinds, output, version: '9.8.7', options: [...options, '--arch', 'arm64'] })
    return output
  }

  it('for Windows have its native code, and a program that knows its name and its archive', async () => {
    const folder = join(await build(['electron'], '--dir', '--system', 'windows'), 'win-arm64-unpacked')
    expect(nativeIn(folder, 'windows')).toEqual({ [binary('win32-arm64')]: 'windows-arm64' })
    const told = toldByProgram(readFileSync(join(folder, 'wardian-desktop.exe')))
    expect(told.version).toMatchObject({ ProductName: 'Wardian', FileVersion: '9.8.7' })
    expect(told.integrity).toMatch(/"resources\\\\app\.asar","alg":"SHA256","value":"[0-9a-f]{64}"/)
  })

  it('for macOS have its native code, and a bundle that knows links, files and its archive', async () => {
    const folder = join(await build(['electron'], '--dir', '--system', 'mac'), 'mac-arm64')
    expect(nativeIn(folder, 'mac')).toEqual({ [binary('darwin-arm64')]: 'mac-arm64' })
    const contents = join(folder, 'Wardian.app/Contents')
    const told = readFileSync(join(contents, 'Info.plist'), 'utf8').replaceAll(/\s+/g, '')
    expect(told).toContain('<key>CFBundleIdentifier</key><string>dev.wardian.desktop</string>')
    expect(told).toContain('<key>CFBundleURLSchemes</key><array><string>wardian</string></array>')
    for (const extension of ['sql', 'wardian']) {
      expect(told).toContain(`<key>CFBundleTypeExtensions</key><array><string>${extension}</string></array>`)
    }
    const integrity = '<dict><key>algorithm</key><string>SHA256</string><key>hash</key><string>'
    expect(told).toContain(`<key>Resources/app.asar</key>${integrity}`)
    const helper = 'Frameworks/Wardian Helper (Renderer).app/Contents/MacOS/Wardian Helper (Renderer)'
    expect(existsSync(join(contents, helper))).toBe(true)
  })

  it('for Linux on the other processor have its native code and its Node, and say so by their names', async () => {
    const output = await build(['electron-rpm', 'electron-tarball', 'tarball'])
    expect(nativeIn(join(output, 'linux-arm64-unpacked'), 'linux')).toEqual({
      [binary('linux-arm64')]: 'linux-arm64',
    })
    const rpm = join(output, 'wardian-stub-9.8.7-1.aarch64.rpm')
    const { stdout } = await runProgram(['rpm', '-qp', '--queryformat', '%{ARCH} %{OS}', rpm])
    expect(stdout).toBe('aarch64 linux')
    expect(existsSync(join(output, 'wardian-stub-9.8.7-linux-arm64.tar.gz'))).toBe(true)

    const name = 'wardian-server-9.8.7-linux-arm64'
    const files = ['runtime/node', `app/${binary('linux-arm64')}`].map((file) => `${name}/${file}`)
    await runProgram(['tar', '-xzf', join(output, `${name}.tar.gz`), '-C', output, ...files])
    expect(files.map((file) => machineOf(join(output, file)))).toEqual(['linux-arm64', 'linux-arm64'])
  })
})
