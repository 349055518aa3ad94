/**
 * What Debian wants to be in every package, whatever is in it: names of processors, documents that are compressed, a
 * changelog, sums. Knows neither of our two packages.
 */
import { gzipSync } from 'node:zlib'
import { author } from './release.ts'
import type { Architecture, Release } from './release.ts'
import type { ShippedFile } from './shipped-file.ts'
import { bytesOf } from './write-tarball.ts'

/** As dpkg-architecture(1) calls them. */
export const debianArchitectures: Readonly<Record<Architecture, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Debian Policy 12.1 and 12.3: manuals and documentation are compressed, without a time. */
export function compressed(file: ShippedFile): ShippedFile {
  return { path: `${file.path}.gz`, source: { kind: 'bytes', bytes: gzipSync(bytesOf(file), { level: 9 }) } }
}

/** Debian Policy 4.4: the format of debian/changelog. */
export function changelog(packageName: string, { version, epochSeconds }: Release): string {
  const date = new Date(epochSeconds * 1000).toUTCString().replace('GMT', '+0000')
  return `${packageName} (${version}) stable; urgency=medium\n\n  * Wardian ${version}.\n\n -- ${author}  ${date}\n`
}
