/**
 * What a Linux desktop and its shells find of the program below /usr/share or ~/.local/share: menu entry, icons,
 * software catalogue, manual page, completion, and the unit for those who want it started with their session.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../run-command.ts'
import { bashCompletion } from './bash-completion.ts'
import { commandTexts } from './command-tree.ts'
import { manualPage } from './manual-page.ts'
import type { Release } from './release.ts'
import { filledIn, linuxSource } from './server-files.ts'
import { copiedFile, textFile } from './shipped-file.ts'
import type { ShippedFile } from './shipped-file.ts'

export interface DesktopFilesOptions {
  readonly release: Release
  /** How the unit starts the program; systemd.unit(5) says what `%h` is. */
  readonly program: string
  /** Below the folder that the rest lies in, too. */
  readonly unitFolder: string
}

const iconFolder = join(repositoryRoot, 'build/icons')

/** Relative to `share`. */
export function desktopFiles({ release, program, unitFolder }: DesktopFilesOptions): ShippedFile[] {
  const { version, epochSeconds } = release
  const date = new Date(epochSeconds * 1000).toISOString().slice(0, 10)
  const commands = commandTexts()
  return [
    copiedFile('applications/wardian-server.desktop', linuxSource('wardian-server.desktop')),
    textFile(
      'metainfo/dev.wardian.server.metainfo.xml',
      filledIn('wardian-server.metainfo.xml', { VERSION: version, DATE: date }),
    ),
    textFile('man/man1/wardian.1', manualPage({ commands, version, epochSeconds })),
    textFile('bash-completion/completions/wardian', bashCompletion(commands)),
    textFile(`${unitFolder}/wardian.service`, filledIn('wardian.service', { PROGRAM: program })),
    ...iconFiles('wardian-server'),
  ]
}

/** Freedesktop's Icon Theme Specification 0.13: one folder for each size. Relative to `share`. */
export function iconFiles(name: string): ShippedFile[] {
  const scalable = copiedFile(
    `icons/hicolor/scalable/apps/${name}.svg`,
    join(repositoryRoot, 'src/renderer/wardian.svg'),
  )
  const sized = readdirSync(iconFolder).flatMap((file) => {
    const size = /^(\d+)\.png$/.exec(file)?.[1]
    if (size === undefined || Number(size) > 512) return []
    return [copiedFile(`icons/hicolor/${size}x${size}/apps/${name}.png`, join(iconFolder, file))]
  })
  return [scalable, ...sized]
}
