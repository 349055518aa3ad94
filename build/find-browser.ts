/**
 * The browser for the end-to-end specs: an installed Chromium, Chrome or Edge, else Debian's package where this
 * may install it, else Playwright's own download, else an error that says how to get one. Run as a program it
 * obtains one and prints its path; playwright.config.ts only looks for what is there by then.
 */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from '@playwright/test'
import { runCommand, runPackageCommand } from './run-command.ts'
import type { CommandResult } from './run-command.ts'

/** Path of a browser to use instead of any that would be found. */
const BROWSER_VARIABLE = 'WARDIAN_BROWSER'

const LINUX_COMMANDS = [
  // Chromium without a window of its own: the same engine, and each spec takes a quarter less time.
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'microsoft-edge-stable',
  'microsoft-edge',
]
const MAC_APPLICATIONS = [
  'Chromium.app/Contents/MacOS/Chromium',
  'Google Chrome.app/Contents/MacOS/Google Chrome',
  'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
]
const WINDOWS_PROGRAMS = [
  'Chromium\\Application\\chrome.exe',
  'Google\\Chrome\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
]

/** Path of a browser that is there now, Playwright's download included; undefined if there is none. */
export function installedBrowser(): string | undefined {
  const chosen = process.env[BROWSER_VARIABLE]
  if (chosen) {
    if (isExecutable(chosen)) return chosen
    throw new Error(`${BROWSER_VARIABLE} names ${chosen}, which is not a program.`)
  }
  return [...systemCandidates(), chromium.executablePath()].find(isExecutable)
}

export interface WayToInstall {
  readonly name: string
  install(): Promise<CommandResult>
}

/** Where a browser may come from. */
export interface BrowserSource {
  find(): string | undefined
  /** Tried in this order. */
  readonly waysToInstall: readonly WayToInstall[]
}

/** As installedBrowser, but gets one if there is none. Rejects with what was tried and what to do. */
export async function obtainBrowser(
  report: (line: string) => void,
  source: BrowserSource = thisMachine(),
): Promise<string> {
  const installed = source.find()
  if (installed !== undefined) return installed
  const tried: string[] = []
  for (const way of source.waysToInstall) {
    report(`No Chromium, Chrome or Edge found: ${way.name} (this may take a few minutes)`)
    const result = await way.install()
    const browser = source.find()
    if (browser !== undefined) return browser
    tried.push(`${way.name} ended with ${result.exitCode}: ${lastLines(result.output)}`)
  }
  throw new Error(
    [
      'The browser tests need Chromium, Chrome or Edge, and none could be found or installed.',
      `Install one, or name one with ${BROWSER_VARIABLE}=/path/to/browser.`,
      ...tried,
    ].join('\n'),
  )
}

function systemCandidates(): string[] {
  if (process.platform === 'darwin') {
    const folders = ['/Applications', join(process.env['HOME'] ?? '', 'Applications')]
    return folders.flatMap((folder) => MAC_APPLICATIONS.map((path) => join(folder, path)))
  }
  if (process.platform === 'win32') {
    const folders = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map(
      (name) => process.env[name] ?? '',
    )
    return folders.flatMap((folder) => WINDOWS_PROGRAMS.map((path) => join(folder, path)))
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return LINUX_COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)))
}

/** Debian's package comes first where it can, because it brings the libraries that a browser needs. */
function thisMachine(): BrowserSource {
  const isRoot = process.getuid?.() === 0
  // Root can have the libraries installed with Playwright's download as well.
  const download = ['install', ...(isRoot ? ['--with-deps'] : []), 'chromium']
  const playwright: WayToInstall = {
    name: `playwright ${download.join(' ')}`,
    install: () => runPackageCommand({ packageName: '@playwright/test', name: 'playwright' }, download),
  }
  const debian = ['chromium-headless-shell', 'chromium'].map((name) => ({
    name: `apt-get install ${name}`,
    install: () => aptInstall(name),
  }))
  const waysToInstall = isRoot && isDebian() ? [...debian, playwright] : [playwright]
  return { find: installedBrowser, waysToInstall }
}

/** Debian itself: Ubuntu's package of that name only points to snap. */
function isDebian(): boolean {
  const release = '/etc/os-release'
  return existsSync(release) && /^ID=debian$/m.test(readFileSync(release, 'utf8'))
}

async function aptInstall(name: string): Promise<CommandResult> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const update = await runCommand('apt-get', ['-o', 'Acquire::Retries=3', 'update'], { env })
  if (update.exitCode !== 0) return update
  const install = ['-o', 'Acquire::Retries=3', 'install', '-y', '--no-install-recommends', name]
  return runCommand('apt-get', install, { env })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function lastLines(output: string): string {
  return output.trimEnd().split('\n').slice(-5).join('\n  ')
}

if (import.meta.main) {
  try {
    process.stdout.write(`${await obtainBrowser((line) => void process.stderr.write(`${line}\n`))}\n`)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
