/**
 * The RPM of the Electron app for Fedora, openSUSE and their kin: `wardian`, with the same files in the same places as
 * the Debian package, and no scripts. Made by rpmbuild of a tree, for either processor on any machine.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot, runCommand } from '../../run-command.ts'
import { author } from '../release.ts'
import type { Architecture } from '../release.ts'
import { copiedFile, foldersOf, inFolder, modeOf, sortedFiles, writeTree } from '../shipped-file.ts'
import type { ShippedFile } from '../shipped-file.ts'
import { appFolder, linuxAppTree, packedForLinux } from './linux-app.ts'
import { packageStem } from './packed-app.ts'
import type { ElectronRelease } from './packed-app.ts'

/** As rpm calls them. */
export const rpmArchitectures: Readonly<Record<Architecture, string>> = { x64: 'x86_64', arm64: 'aarch64' }

/** What Electron is linked with, under the names of Fedora and of openSUSE. */
const requirements = [
  ...['(gtk3 or libgtk-3-0)', '(nss or mozilla-nss)', '(libnotify or libnotify4)', 'at-spi2-core'],
  ...['(libdrm or libdrm2)', '(mesa-libgbm or libgbm1)', '(alsa-lib or libasound2)', '(libxcb or libxcb1)'],
  ...['(libXtst or libXtst6)', '(libuuid or libuuid1)', 'xdg-utils'],
]

/** A pre-release sorts before its release, which rpm writes with a tilde; a dash is not allowed. */
export function rpmVersion(version: string): string {
  return version.replaceAll('-', '~')
}

/** Resolves with the path of the .rpm. */
export async function buildElectronRpm(release: ElectronRelease): Promise<string> {
  const { version, architecture, outputFolder, epochSeconds, compressionLevel } = release
  const packed = await packedForLinux(release)
  const work = mkdtempSync(join(tmpdir(), 'wardian-rpm-'))
  try {
    const documents = [copiedFile('share/licenses/wardian/LICENSE', join(repositoryRoot, 'LICENSE'))]
    const files = sortedFiles(inFolder('usr', [...linuxAppTree(release, packed), ...documents]))
    const tree = join(work, 'tree')
    writeTree(tree, files, epochSeconds)
    const spec = join(work, 'wardian.spec')
    writeFileSync(spec, rpmSpec({ version, files, tree }))
    const target = rpmArchitectures[architecture]
    const settings = {
      _topdir: join(work, 'rpmbuild'),
      // Of the compressed ones, the one that every rpm of today reads.
      _binary_payload: compressionLevel === 0 ? 'w.ufdio' : 'w6.xzdio',
      ...reproducibly,
    }
    const defined = Object.entries(settings).flatMap(([name, value]) => ['--define', `${name} ${value}`])
    const args = ['-bb', '--quiet', '--target', target, ...defined, spec]
    const { exitCode, output } = await runCommand('rpmbuild', args, {
      env: { SOURCE_DATE_EPOCH: String(epochSeconds) },
    })
    if (exitCode !== 0) throw new Error(`rpmbuild failed:\n${output}`)
    const made = join(work, 'rpmbuild/RPMS', target)
    const [name = ''] = readdirSync(made)
    mkdirSync(outputFolder, { recursive: true })
    const path = join(outputFolder, `${packageStem(packed)}${name.slice('wardian'.length)}`)
    copyFileSync(join(made, name), path)
    return path
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** The same bytes from the same files, which are taken as they are: nothing is stripped, compressed or compiled. */
const reproducibly = {
  use_source_date_epoch_as_buildtime: '1',
  clamp_mtime_to_source_date_epoch: '1',
  _buildhost: 'localhost',
  _build_id_links: 'none',
  debug_package: '%{nil}',
  __os_install_post: '%{nil}',
}

export interface RpmSpecOptions {
  readonly version: string
  /** With paths from the root. */
  readonly files: readonly ShippedFile[]
  /** Where they are. */
  readonly tree: string
}

/** What rpmbuild reads. */
export function rpmSpec({ version, files, tree }: RpmSpecOptions): string {
  return `Name: wardian
Version: ${rpmVersion(version)}
Release: 1
Summary: Workbench for databases that run in WebAssembly
License: Apache-2.0
Group: Development/Tools
Vendor: Wardian
Packager: ${author}
AutoReqProv: no
${requirements.map((each) => `Requires: ${each}`).join('\n')}

%description
Open it and a real Postgres is there: nothing to install, start or break. It
has a console, snapshots, and an endpoint for psql and other programs.

This package is the desktop app. Everything a user makes lies in that user's
home, and stays there when the package is removed.

%install
mkdir -p '%{buildroot}'
cp -a '${tree}/.' '%{buildroot}'

%files
${[...ownFolders(files), ...files.map(fileLine)].join('\n')}
`
}

/** Those that are there because of this package alone. */
function ownFolders(files: readonly ShippedFile[]): string[] {
  return foldersOf(files)
    .filter((folder) => /^usr\/(lib|share\/licenses)\/wardian(\/|$)/.test(folder))
    .map((folder) => `%dir %attr(0755, root, root) "/${folder}"`)
}

/** Chromium's sandbox where a kernel gives user namespaces to root alone. */
const sandbox = `usr/${appFolder}/chrome-sandbox`

function fileLine(file: ShippedFile): string {
  if (file.source.kind === 'link') return `"/${file.path}"`
  const mode = file.path === sandbox ? '4755' : `0${modeOf(file).toString(8)}`
  const kind = file.path.startsWith('usr/share/licenses/') ? '%license ' : ''
  return `${kind}%attr(${mode}, root, root) "/${file.path}"`
}
