/**
 * The Chromium behind the stand-in: headless, without network, with a profile of its own that is removed. It ends
 * with this process, however that ends: its pipe breaks. Knows no window.
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { installedBrowser } from '../../build/find-browser.ts'
import { DevTools } from './devtools.ts'

const flags = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-startup-window',
  '--disable-popup-blocking',
  '--remote-debugging-pipe',
  // Playwright connects here.
  '--remote-debugging-port=0',
  // No page reaches anything but this machine, whatever its policy says; what it tries fails at once.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.localhost, EXCLUDE 127.0.0.1',
]

/** What the app may set for Electron, and what would undo the flags above. */
const flagsIgnored = /^--(ozone-platform|no-startup|remote-debugging|headless|host-resolver-rules)/

const closeTimeoutMs = 3_000

export interface Chromium {
  readonly devtools: DevTools
  /** Where other clients of the DevTools protocol connect. */
  readonly address: string
  close(): Promise<void>
}

/** Starts it with further `switches`, as `--name` or `--name=value`, and its profile in `folder`. */
export async function startChromium(folder: string, switches: readonly string[]): Promise<Chromium> {
  const executable = installedBrowser()
  if (executable === undefined) throw new Error('stand-in: no Chromium; run `npm run browser`')
  mkdirSync(folder, { recursive: true })
  const profile = mkdtempSync(join(folder, 'chromium-'))
  const further = switches.filter((flag) => !flagsIgnored.test(flag))
  const child = spawn(executable, [...flags, `--user-data-dir=${profile}`, ...further], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  })
  process.once('exit', () => rmSync(profile, { recursive: true, force: true, maxRetries: 3 }))
  const [, , , input, output] = child.stdio
  const devtools = new DevTools(input as Writable, output as Readable)
  const address = await addressOf(child)
  return { devtools, address, close: () => close(child, devtools) }
}

function addressOf(child: ChildProcess): Promise<string> {
  let said = ''
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    said += part
    const address = /DevTools listening on (ws:\/\/\S+)/.exec(said)?.[1]
    if (address !== undefined) resolve(address)
  })
  child.once('exit', (code) => reject(new Error(`stand-in: Chromium ended with ${code}:\n${said}`)))
  child.once('error', reject)
  return promise
}

async function close(child: ChildProcess, devtools: DevTools): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  devtools
    .session()
    .send('Browser.close')
    .catch(() => undefined)
  const timer = setTimeout(() => child.kill('SIGKILL'), closeTimeoutMs)
  await ended
  clearTimeout(timer)
}
