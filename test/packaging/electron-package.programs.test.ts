/**
 * Goal: the packed Electron app holds what it needs and nothing else, its code runs as packed, it is the same in every
 * package for Linux, and these are installed or unpacked, started by their launcher, and removed. Method: a stub
 * instead of Electron's binary, which starts nothing: the code is run from the archive as it was extracted, by Node and
 * by the stand-in for Electron of the specs (e2e/standin/CONFORMANCE.md). No Electron runs here.
 */

import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
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

const everywhere = [
  'bin/wardian-desktop',
  'lib/wardian/resources/app.asar',
  'lib/wardian/resources/licences/sbom.cdx.json',
  'share/applications/wardian.desktop',
  'share/metainfo/dev.wardian.desktop.metainfo.xml',
  'share/mime/packages/wardian.xml',
]

/** What is in every package, of a listing with a path at the end of each line; folders end with a slash. */
function appPaths(listing: string): string[] {
  const path =
    /(?:^|\/)(bin\/wardian-desktop|(?:lib\/wardian|share\/(?:applications|icons|metainfo|mime))\/.*[^/])$/
  return listing
    .split('\n')
    .flatMap((line) => path.exec(line)?.[1] ?? [])
    .toSorted()
}

const filesBelow = (folder: string): Promise<string> =>
  succeeds(['find', folder, '-type', 'f', '-printf', '%P\\n'])

/** The stub of a runtime, which the file system comes after. */
const offset = ['-offset', String(statSync('/bin/true').size)]

async function succeeds(command: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram(command, { LC_ALL: 'C' })
  expect(exitCode, `${command.join(' ')}\n${stderr}`).toBe(0)
  return stdout
}

/** The stub is /bin/true, which is asked for its version. Nothing of this machine's kernel is looked at. */
const startsStub = (program: string): string => `SANDBOX_ROOT=/nowhere ${program} --version | head -n 1`
const stubStarted = expect.stringMatching(/^true \(/)

describe("the Electron app's package", { timeout: packageTimeoutMs }, () => {
  const path = packagesDirectory()
  const root = new CleanRoot(path('root'))
  const packages = { app: '', rpm: '', image: '', tarball: '', server: '' }
  const tree = path('tree')
  const home = join(tree, 'usr/lib/wardian')
  const archive = join(home, 'resources/app.asar')
  /** The archive as a folder. */
  const extracted = path('extracted')
  /** The AppImage as a folder, where the root's user finds it. */
  const image = join(root.path, 'var/user/image')

  beforeAll(async () => {
    const kinds = ['electron-deb', 'electron-rpm', 'electron-appimage', 'electron-tarball', 'deb'] as const
    const built = await buildPackages({ kinds, output: path('packages'), version: '9.8.7' })
    for (const [index, name] of (['app', 'rpm', 'image', 'tarball', 'server'] as const).entries()) {
      packages[name] = built[index] ?? ''
    }
    await root.fill()
    await succeeds(['dpkg-deb', '-x', packages.app, tree])
    extractApp(archive, extracted)
  }, packageTimeoutMs)
  afterAll(() => root.dispose())

  it('says by the name of every file that there is no Electron in it', () => {
    const { app, rpm, image: appImage, tarball } = packages
    expect([app, rpm, appImage, tarball].map((file) => basename(file))).toEqual([
      'wardian-stub_9.8.7_amd64.deb',
      'wardian-stub-9.8.7-1.x86_64.rpm',
      'wardian-stub-9.8.7-linux-x64.AppImage',
      'wardian-stub-9.8.7-linux-x64.tar.gz',
    ])
  })

  it('is the same app, with its launcher and what desktops find, in every package for Linux', async () => {
    const wanted = appPaths(await filesBelow(tree))
    expect(wanted).toEqual(expect.arrayContaining(everywhere))
    await succeeds(['unsquashfs', '-no-progress', ...offset, '-d', image, packages.image])
    expect(appPaths(await filesBelow(image))).toEqual(wanted)
    const query = '[%{FILEMODES:perms} %{FILENAMES}\\n]'
    const inRpm = await succeeds(['rpm', '-qp', '--queryformat', query, packages.rpm])
    expect(appPaths(inRpm.replaceAll(/^d.*$/gm, ''))).toEqual(wanted)
    expect(appPaths(await succeeds(['tar', '-tzf', packages.tarball]))).toEqual(wanted)
  })

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
    expect(licences).toContain('LICENSES.chromium.html')
    const bill = readFileSync(join(home, 'resources/licences/sbom.cdx.json'), 'utf8')
    const { components } = JSON.parse(bill) as { components: { name: string; type: string }[] }
    const named = components.map(({ name, type }) => `${type} ${name}`)
    expect(named).toEqual(expect.arrayContaining(['platform electron', 'library electron-updater']))
  })

  it('answers a query with the code that was packed, by Node', async () => {
    const environment = { HOME: path('home'), PATH: '/usr/bin:/bin', WARDIAN_DATA: path('data') }
    const wardian = [process.execPath, join(extracted, 'bin/wardian.mjs')]
    await runAlone([...wardian, 'create', 'shop', '--sample'], environment)
    const query = ['query', 'shop', 'select count(*) from orders', '--format', 'csv']
    expect((await runAlone([...wardian, ...query], environment)).stdout).toBe('count\r\n40000\r\n')
  })

  it('opens a window and answers a query in it, in the stand-in for Electron', async () => {
    const launch = { target: 'standin', dataDirectory: path('desktop-data'), appFolder: extracted } as const
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

  it('is installed by rpm with its sandbox, starts, and leaves nothing of itself', async () => {
    const rpm = ['rpm', `--root=${root.path}`, '--nodeps']
    await succeeds([...rpm, '--install', packages.rpm])
    expect(await succeeds([...rpm, '--verify', 'wardian'])).toBe('')
    expect(statSync(join(root.path, 'usr/lib/wardian/chrome-sandbox')).mode & 0o7777).toBe(0o4755)
    expect((await root.run(startsStub('wardian-desktop'))).stdout).toEqual(stubStarted)
    await succeeds([...rpm, '--erase', 'wardian'])
    const left = ['usr/lib/wardian', 'usr/bin/wardian-desktop', 'usr/share/licenses/wardian']
    expect(left.filter((file) => existsSync(join(root.path, file)))).toEqual([])
  })

  it('starts from an archive that is unpacked anywhere, by a link', async () => {
    const folder = join(root.path, 'var/user/a folder')
    mkdirSync(folder)
    await succeeds(['tar', '-xzf', packages.tarball, '-C', folder])
    symlinkSync('a folder/wardian-stub-9.8.7-linux-x64/bin/wardian-desktop', join(root.path, 'var/user/link'))
    expect((await root.run(startsStub('./link'))).stdout).toEqual(stubStarted)
  })

  it('starts from an AppImage, which never switches the sandbox off and brings what desktops look for', async () => {
    expect((await root.run(startsStub('./image/AppRun'))).stdout).toEqual(stubStarted)
    const entry = readFileSync(join(image, 'wardian.desktop'), 'utf8')
    expect(entry).toBe(readFileSync(join(image, 'usr/share/applications/wardian.desktop'), 'utf8'))
    expect(entry + readFileSync(join(image, 'AppRun'), 'utf8')).not.toMatch(/(exec|Exec=).*--no-sandbox/)
    expect(existsSync(join(image, '.DirIcon'))).toBe(true)
    expect(readFileSync(packages.image).subarray(8, 11).toString('latin1')).toBe('AI\x02')
  })
})
