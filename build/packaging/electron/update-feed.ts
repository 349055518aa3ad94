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
