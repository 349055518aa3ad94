/**
 * A folder that looks like an unpacked Electron and runs nothing: for packing, and for looking at what was packed, on
 * machines that do not have Electron's binary. Whatever is made of it is no app, and says so.
 */
import { copyFileSync, chmodSync, appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { OperatingSystem } from './signing.ts'
import { emptyProgram } from './windows-program.ts'

/** What finds the wire in the binary (electron/fuses, README: Fuse Wire). */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
/** Version 1, nine fuses, as Electron's own builds have them before anybody changes them. */
const fuseWire = Buffer.concat([Buffer.from(sentinel), Buffer.from([1, 9]), Buffer.from('101100101')])

const data = ['icudtl.dat', 'resources.pak', 'chrome_100_percent.pak', 'v8_context_snapshot.bin']
const licences = ['LICENSE', 'LICENSES.chromium.html', 'version']

/** What electron-builder and installers expect to be there; the content does not matter to them. */
const files: Readonly<Record<OperatingSystem, readonly string[]>> = {
  linux: [
    ...[...licences, ...data, 'locales/en-US.pak', 'libffmpeg.so', 'libEGL.so', 'libGLESv2.so'],
    ...['chrome-sandbox', 'chrome_crashpad_handler'],
  ],
  windows: [...licences, ...data, 'locales/en-US.pak', 'ffmpeg.dll', 'libEGL.dll', 'libGLESv2.dll'],
  mac: [
    ...licences,
    'Electron.app/Contents/Resources/electron.icns',
    'Electron.app/Contents/Resources/en.lproj/locale.pak',
    'Electron.app/Contents/Frameworks/Electron Framework.framework/Versions/A/Resources/en.lproj/locale.pak',
  ],
}
const linuxPrograms = ['chrome-sandbox', 'chrome_crashpad_handler', 'electron']

/** Makes it in `folder`. */
export function makeStubElectron(
  folder: string,
  electronVersion: string,
  system: OperatingSystem = 'linux',
): void {
  for (const file of files[system]) put(join(folder, file), 'Not Electron: a stand-in for packing\n')
  writeFileSync(join(folder, 'version'), electronVersion)
  if (system === 'linux') makeForLinux(folder)
  if (system === 'windows')
    put(join(folder, 'electron.exe'), Buffer.concat([emptyProgram('Electron'), fuseWire]))
  if (system === 'mac') makeForMac(join(folder, 'Electron.app/Contents'))
}

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

/** Programs are this machine's /bin/true. */
function makeForLinux(folder: string): void {
  for (const program of linuxPrograms) {
    copyFileSync('/bin/true', join(folder, program))
    chmodSync(join(folder, program), 0o755)
  }
  appendFileSync(join(folder, 'electron'), fuseWire)
}

/** The app, and the programs that its windows are: electron-builder gives them all another name. */
function makeForMac(contents: string): void {
  const helpers = ['', ' (GPU)', ' (Plugin)', ' (Renderer)'].map((kind) => `Electron Helper${kind}`)
  for (const helper of helpers) makeBundle(join(contents, 'Frameworks', `${helper}.app/Contents`), helper)
  makeBundle(contents, 'Electron')
  put(join(contents, 'Frameworks/Electron Framework.framework/Electron Framework'), fuseWire)
}

function makeBundle(contents: string, name: string): void {
  const values = { CFBundleExecutable: name, CFBundleName: name, CFBundleIdentifier: 'com.github.Electron' }
  const entries = Object.entries(values).map(([key, value]) => `<key>${key}</key><string>${value}</string>`)
  put(
    join(contents, 'Info.plist'),
    `<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict>${entries.join('')}</dict></plist>\n`,
  )
  put(join(contents, 'MacOS', name), 'Not Electron\n')
  chmodSync(join(contents, 'MacOS', name), 0o755)
}
