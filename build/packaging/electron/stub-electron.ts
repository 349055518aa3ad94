/**
 * A folder that looks like an unpacked Electron for Linux and runs nothing: for packing, and for looking at what was
 * packed, on machines that do not have Electron's binary. Whatever is made of it is no app, and says so.
 */
import { copyFileSync, chmodSync, appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What electron-builder and installers expect to be there; the content does not matter to them. */
const files = [
  ...['chrome-sandbox', 'chrome_crashpad_handler', 'libffmpeg.so', 'libEGL.so', 'libGLESv2.so'],
  ...['icudtl.dat', 'resources.pak', 'chrome_100_percent.pak', 'v8_context_snapshot.bin'],
  ...['locales/en-US.pak', 'LICENSE', 'LICENSES.chromium.html'],
]
const programs = /^(chrome-sandbox|chrome_crashpad_handler)$/

/** What finds the wire in the binary (electron/fuses, README: Fuse Wire). */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
/** Version 1, nine fuses, as Electron's own builds have them before anybody changes them. */
const fuseWire = Buffer.concat([Buffer.from(sentinel), Buffer.from([1, 9]), Buffer.from('101100101')])

/** Makes it in `folder`, of this machine's /bin/true. */
export function makeStubElectron(folder: string, electronVersion: string): void {
  for (const file of files) {
    const path = join(folder, file)
    mkdirSync(dirname(path), { recursive: true })
    if (programs.test(file)) copyFileSync('/bin/true', path)
    else writeFileSync(path, 'Not Electron: a stand-in for packing\n')
    chmodSync(path, programs.test(file) ? 0o755 : 0o644)
  }
  writeFileSync(join(folder, 'version'), electronVersion)
  const binary = join(folder, 'electron')
  copyFileSync('/bin/true', binary)
  appendFileSync(binary, fuseWire)
  chmodSync(binary, 0o755)
}
