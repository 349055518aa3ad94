/**
 * Where a package of the app looks for newer ones. None is written down here, because none exists that everybody may
 * use: whoever releases names theirs, and a package without one never looks.
 */
import type { Configuration } from 'electron-builder'

/** `github:OWNER/NAME`, or the https address of a folder. */
export const feedVariable = 'WARDIAN_UPDATE_FEED'

/** What electron-builder writes into the app; null without a feed. Throws where it is neither of the two forms. */
export function updateFeed(text: string | undefined): NonNullable<Configuration['publish']> | null {
  if (text === undefined || text === '') return null
  const github = /^github:([\w.-]+)\/([\w.-]+)$/.exec(text)
  if (github) {
    const [, owner = '', repo = ''] = github
    return { provider: 'github', owner, repo, releaseType: 'draft' }
  }
  if (URL.canParse(text) && new URL(text).protocol === 'https:') {
    return { provider: 'generic', url: text }
  }
  throw new Error(`${feedVariable} is neither github:OWNER/NAME nor an https address: ${text}`)
}

/** The file in an app that names its feed, as electron-updater reads it; null without a feed. */
export function feedText(text: string | undefined): string | null {
  const feed = updateFeed(text)
  if (feed === null || typeof feed !== 'object') return null
  const entries: [string, unknown][] = [...Object.entries(feed), ['updaterCacheDirName', 'wardian-updater']]
  return entries.map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`).join('')
}

export interface UpdateFile {
  readonly name: string
  readonly size: number
  /** In base 64, of the whole file. */
  readonly sha512: string
  /** Of what is appended to it for fetching it in parts. */
  readonly blockMapSize?: number | undefined
}

/** What tells installed apps of a newer version, as electron-builder writes it. */
export function updateText(update: {
  readonly version: string
  readonly file: UpdateFile
  readonly epochSeconds: number
}): string {
  const { name, size, sha512, blockMapSize } = update.file
  const date = new Date(update.epochSeconds * 1000).toISOString()
  const lines = [
    ...[`version: ${update.version}`, 'files:', `  - url: ${name}`, `    sha512: ${sha512}`],
    ...[`    size: ${size}`, ...(blockMapSize === undefined ? [] : [`    blockMapSize: ${blockMapSize}`])],
    ...[`path: ${name}`, `sha512: ${sha512}`, `releaseDate: '${date}'`],
  ]
  return `${lines.join('\n')}\n`
}

/** One text of two that electron-builder wrote for the same system: the files of both, the rest of the first. */
export function mergedUpdate(first: string, second: string): string {
  const version = /^version: (.*)$/m
  if (version.exec(first)?.[1] !== version.exec(second)?.[1])
    throw new Error('Two versions are not one update')
  const files = /^files:\n((?: +.*\n)+)/m
  const [, more = ''] = files.exec(second) ?? []
  return first.replace(files, (block) => block + more)
}

/** How many of a hundred installations get the version at once; the rest when the number is raised. */
export function stagedUpdate(manifest: string, percentage: number): string {
  if (!Number.isInteger(percentage) || percentage < 1 || percentage > 100) {
    throw new Error(`Not a percentage from 1 to 100: ${percentage}`)
  }
  const kept = manifest.split('\n').filter((line) => !line.startsWith('stagingPercentage:'))
  return `${kept.join('\n').trimEnd()}\nstagingPercentage: ${percentage}\n`
}
