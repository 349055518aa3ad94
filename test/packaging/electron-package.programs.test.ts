/**
 * Goal: the packed Electron app holds what it needs and nothing else, its code runs as packed, and its Debian package
 * is installed beside the other one, removed and purged. Method: a stub instead of Electron's binary, which starts
 * nothing: the code is run from the archive as it was extracted, by Node and by the stand-in for Electron of the specs
 * (e2e/standin/CONFORMANCE.md). No Electron runs here.
 */

import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wrongFuses } from '../../build/packaging/electron/fuses.ts'
import { appBytesMax, archivedFiles, extractApp } from '../../build/packaging/electron/verify-packed-app.ts'
import { launchDesktop } from '../../e2e/desktop-app.ts'
import { runProgram } from '../support/run-program.ts'
import { buildPackages, packagesDirectory, runAlone } from './built-package.ts'
import { CleanRoot } from './clean-root.ts'

/** Both packages are built, installed, and an instance is made. */
const packageTimeoutMs = 600_000

/** The engine starts for the first time, on a busy machine. */
const windowTimeoutMs = 300_000

/** An AppArmor that knows the permission; it notes what it is asked. */
const parser = '#!/bin/sh\necho "$*" >>/var/parser.log\n'

describe("the Electron app's package", { timeout: packageTimeoutMs }, () => {
  const path = packagesDirectory()
  const root = new CleanRoot(path('root'))
  const packages = { app: '', server: '' }
  const tree = path('tree')
  const home = join(tree, 'usr/lib/wardian')
  const archive = join(home, 'resources/app.asar')
  /** The archive as a folder. */
  const app = path('extracted')

  beforeAll(async () => {
    const kinds = ['electron-deb', 'deb'] as const
    const built = await buildPackages({ kinds, output: path('packages'), version: '9.8.7' })
    Object.assign(packages, { app: built[0], server: built[1] })
    await runProgram(['dpkg-deb', '-x', packages.app, tree])
    extractApp(archive, app)
    await root.fill()
  }, packageTimeoutMs)
  afterAll(() => root.dispose())

  it('is within its bound, with one platform and nothing of developers', () => {
    const files = archivedFiles(archive)
    expect(files.reduce((sum, { byteCount }) => sum + byteCount, 0)).toBeLessThan(appBytesMax)
    const names = files.map(({ path: name }) => name)
    expect(names.filter((name) => name.endsWith('.node'))).toEqual([
      'node_modules/better-sqlite3/prebuilds/linux-x64.node',
    ])
    expect(names.filter((name) => /^(src|test|e2e|docs|build)\/|\.(ts|map|pem|env)$/.test(name))).toEqual([])
    expect(names).toContain('node_modules/electron-updater/package.json')
  })

  it('has fuses that leave the binary to this app, and the licences of all parts', async () => {
    expect(await wrongFuses(join(home, 'wardian-desktop'))).toEqual([])
    const licences = readFileSync(join(home, 'resources/licences/THIRD-PARTY-LICENSES.txt'), 'utf8')
    expect(licences).toContain('electron-updater 6')
    expect(existsSync(join(home, 'resources/licences/sbom.cdx.json'))).toBe(true)
  })

  it('answers a query with the code that was packed, by Node', async () => {
    const environment = { HOME: path('home'), PATH: '/usr/bin:/bin', WARDIAN_DATA: path('data') }
    const wardian = [process.execPath, join(app, 'bin/wardian.mjs')]
    await runAlone([...wardian, 'create', 'shop', '--sample'], environment)
    const query = ['query', 'shop', 'select count(*) from orders', '--format', 'csv']
    expect((await runAlone([...wardian, ...query], environment)).stdout).toBe('count\r\n40000\r\n')
  })

  it('opens a window and answers a query in it, in the stand-in for Electron', async () => {
    const launch = { target: 'standin', dataDirectory: path('desktop-data'), appFolder: app } as const
    const electron = await launchDesktop(launch)
    try {
      const page = await electron.firstWindow()
      page.setDefaultTimeout(windowTimeoutMs)
      const tree = page.getByRole('treegrid', { name: 'Database objects' })
      await tree.getByRole('row', { name: 'public', exact: true }).waitFor()
      await page.locator('.view-lines').first().click()
      await page.keyboard.press('ControlOrMeta+A')
      await page.keyboard.insertText('select 40 + 2 as answer')
      await page.keyboard.press('ControlOrMeta+Enter')
      await page.getByRole('region', { name: 'Results' }).getByRole('gridcell', { name: '42' }).waitFor()
      expect(await electron.evaluate((main) => main.app.getPath('userData'))).toBe(
        join(launch.dataDirectory, 'electron'),
      )
    } finally {
      await electron.close()
    }
  })

  it('is installed beside the other one, with its sandbox, and removed and purged without it', async () => {
    mkdirSync(join(root.path, 'etc/apparmor.d'))
    writeFileSync(join(root.path, 'usr/bin/apparmor_parser'), parser)
    chmodSync(join(root.path, 'usr/bin/apparmor_parser'), 0o755)
    const { stdout } = await runProgram(['dpkg-deb', '-f', packages.app, 'Depends'])
    const names = stdout.split(',').map((each) => each.trim().split(' ')[0] ?? '')
    await root.pretend(names.filter((name) => !/^lib(c6|gcc-s1|stdc\+\+6)$/.test(name)))

    await root.dpkg('-i', packages.server, packages.app)
    expect((await root.dpkg('--verify', 'wardian')).stdout).toBe('')
    const sandbox = statSync(join(root.path, 'usr/lib/wardian/chrome-sandbox'))
    expect({ mode: sandbox.mode & 0o7777, owner: sandbox.uid }).toEqual({ mode: 0o4755, owner: 0 })
    const profile = join(root.path, 'etc/apparmor.d/wardian-desktop')
    expect(readFileSync(profile, 'utf8')).toContain('userns,')
    // The launcher, which lets no sandbox be missing, and then the stub.
    await root.run('wardian --version && wardian-desktop')

    await root.dpkg('-r', 'wardian')
    expect([profile, join(root.path, 'usr/bin/wardian-desktop')].filter((file) => existsSync(file))).toEqual(
      [],
    )
    expect((await root.dpkg('-P', 'wardian')).stdout).toContain('stays where it is')
    expect(existsSync(join(root.path, 'usr/lib/wardian'))).toBe(false)
    expect((await root.run('wardian --version')).stdout).toBe('9.8.7\n')
  })
})
