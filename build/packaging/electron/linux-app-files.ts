/**
 * What a Linux desktop finds of the Electron app below /usr/share: menu entry, icons, types of files, software
 * catalogue, manual page. Knows no kind of package.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { iconFiles } from '../desktop-files.ts'
import type { Release } from '../release.ts'
import { copiedFile, textFile } from '../shipped-file.ts'
import type { ShippedFile } from '../shipped-file.ts'

/** Path of a file that is written by hand for packages of the app. */
export function electronSource(name: string): string {
  return join(import.meta.dirname, 'sources', name)
}

/** Relative to `share`. */
export function linuxAppFiles({ version, epochSeconds }: Release): ShippedFile[] {
  const date = new Date(epochSeconds * 1000).toISOString().slice(0, 10)
  const filledIn = (name: string): string =>
    readFileSync(electronSource(name), 'utf8').replaceAll('@VERSION@', version).replaceAll('@DATE@', date)
  return [
    copiedFile('applications/wardian.desktop', electronSource('wardian.desktop')),
    copiedFile('mime/packages/wardian.xml', electronSource('wardian-mime.xml')),
    textFile('metainfo/dev.wardian.desktop.metainfo.xml', filledIn('wardian.metainfo.xml')),
    textFile('man/man1/wardian-desktop.1', filledIn('wardian-desktop.1')),
    ...iconFiles('wardian'),
  ]
}
