/**
 * The browser for the end-to-end specs: an installed Chromium, Chrome or Edge, else Playwright's own download,
 * else Debian's package where this may install it, else an error that says how to get one. Run as a program it
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

/** As installedBrowser, but gets one if there is none. Rejects with what was tried and what to do. */
export async function obtainBrowser(report: (line: string) => void): Promise<string> {
  const installed = installedBrowser()
  if (installed !== undefined) return installed
  const tried: string[] = []
  for (const way of waysToInstall()) {
    report(`No Chromium, Chrome or Edge found: ${way.name} (this may take a few minutes)`)
    const result = await way.install()
    const browser = installedBrowser()
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

interface WayToInstall {
  readonly name: string
  install(): Promise<CommandResult>
}

function waysToInstall(): WayToInstall[] {
  const playwright: WayToInstall = {
    name: 'playwright install chromium',
    install: () =>
      runPackageCommand({ packageName: '@playwright/test', name: 'playwright' }, ['install', 'chromium']),
  }
  return mayInstallPackages()
    ? [playwright, { name: 'apt-get install chromium', install: aptInstall }]
    : [playwright]
}

/** Debian itself, because Ubuntu's package of that name only points to snap; and only as root. */
function mayInstallPackages(): boolean {
  const release = '/etc/os-release'
  return process.getuid?.() === 0 && existsSync(release) && /^ID=debian$/m.test(readFileSync(release, 'utf8'))
}

async function aptInstall(): Promise<CommandResult> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const update = await runCommand('apt-get', ['-o', 'Acquire::Retries=3', 'update'], { env })
  if (update.exitCode !== 0) return update
  const install = ['-o', 'Acquire::Retries=3', 'install', '-y', '--no-install-recommends', 'chromium']
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
