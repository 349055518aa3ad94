/**
 * The program with a Node of its own, for machines that have none: what the tarball and the Debian package share. Below
 * one folder: a launcher, the Node, the program. Knows neither where that folder lies nor how it gets there.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { appFiles } from './app-files.ts'
import type { NodeRuntime } from './node-runtime.ts'
import { readManifest } from './release.ts'
import type { Release } from './release.ts'
import { copiedFile, inFolder } from './shipped-file.ts'
import type { ShippedFile } from './shipped-file.ts'

/** Files of this folder that are shipped as they are, or with the version put in. */
const sources = join(import.meta.dirname, 'linux')

export function serverFiles(release: Release, runtime: NodeRuntime): ShippedFile[] {
  const { version, architecture } = release
  const platform = `linux-${architecture}` as const
  const app = appFiles({ manifest: readManifest(), version, platform, shell: 'headless' })
  return [
    { ...copiedFile('bin/wardian', linuxSource('launcher.sh')), isExecutable: true },
    { ...copiedFile('runtime/node', runtime.binary), isExecutable: true },
    // Its launcher is no program here: it is run by this Node, and by no other that may be on the machine.
    ...inFolder('app', app.map(asText)),
  ]
}

function asText({ path, source }: ShippedFile): ShippedFile {
  return { path, source }
}

/** Path of a file that is written by hand for Linux packages. */
export function linuxSource(name: string): string {
  return join(sources, name)
}

/** Its text, with every `@NAME@` replaced; throws when a name has no value. */
export function filledIn(name: string, values: Readonly<Record<string, string>>): string {
  return readFileSync(linuxSource(name), 'utf8').replace(/@([A-Z]+)@/g, (_, key: string) => {
    const value = values[key]
    if (value === undefined) throw new Error(`${name} wants ${key}`)
    return value
  })
}
