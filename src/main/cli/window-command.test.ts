/**
 * Goal: a window is opened on what runs, by an address that logs in once, and what runs is ended from elsewhere only
 * where that is what was asked. Method: the real endpoint and lock, a browser that is a shell script. That it is
 * started where it does not run is tested with packages.
 */

import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { captureTerminal } from '../../../test/support/captured-terminal.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { newAccessSecrets } from '../endpoints/access-control.ts'
import { formatHostAddress } from '../endpoints/host-address.ts'
import { WorkbenchEndpoint } from '../endpoints/workbench-endpoint.ts'
import { PageFiles } from '../page/page-files.ts'
import { DirectoryLock } from '../storage/directory-lock.ts'
import { runCommandLine } from './command-line.ts'

expectNoLeaks()

const secrets = newAccessSecrets(null)
let folder: string
let endpoint: WorkbenchEndpoint | null
let lock: DirectoryLock | null

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardian-window-'))
  endpoint = null
  lock = null
  await mkdir(join(folder, 'page'))
  await writeFile(join(folder, 'page', 'index.html'), 'page')
})
afterEach(async () => {
  await endpoint?.close()
  await lock?.release()
  await rm(folder, { recursive: true, force: true })
})

/** Something that holds the data directory and answers there. */
async function hold({ withPage }: { withPage: boolean }): Promise<WorkbenchEndpoint> {
  const holder = { processId: process.pid, program: 'the test', startedAtMs: 0, endpoint: null }
  lock = await DirectoryLock.acquire(join(folder, 'data'), holder)
  endpoint = await WorkbenchEndpoint.listen({
    ...{ port: 0, secrets, clock: systemClock },
    pages: withPage ? await PageFiles.read(join(folder, 'page')) : null,
    onSocket: (socket) => socket.close(),
    onFailure: () => undefined,
  })
  await lock.publishEndpoint(formatHostAddress(endpoint.address, secrets))
  return endpoint
}

async function run(args: readonly string[], environment: Record<string, string> = {}) {
  const captured = captureTerminal({ WARDIAN_DATA: join(folder, 'data'), PATH: '', ...environment })
  const context = {
    terminal: captured.terminal,
    clock: systemClock,
    startHost: () => Promise.reject(new Error('nothing is started here')),
    interrupt: new AbortController().signal,
  }
  const code = await runCommandLine(context, args)
  return { code, stdout: captured.stdout(), stderr: captured.stderr() }
}

async function logIn({ address }: WorkbenchEndpoint, url: string): Promise<number> {
  const token = new URLSearchParams(new URL(url).hash.slice(1)).get('token')
  const response = await fetch(`${address}/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: address },
    body: JSON.stringify({ token }),
  })
  return response.status
}

describe('wardian window', () => {
  it('prints an address that logs in once where there is no browser', async () => {
    const there = await hold({ withPage: true })
    const { code, stdout, stderr } = await run(['window'])
    expect([code, stderr.startsWith('No browser could be opened here')]).toEqual([0, true])
    expect([await logIn(there, stdout.trim()), await logIn(there, stdout.trim())]).toEqual([204, 401])
    expect(stdout).not.toContain(secrets.userToken)
  })

  it('refuses what serves no browser, and says who it is', async () => {
    await hold({ withPage: false })
    const { code, stderr } = await run(['window'])
    expect(code).toBe(1)
    expect(stderr).toContain('the test runs on')
  })

  it.runIf(process.platform === 'linux')('opens a window without tabs where a browser has such', async () => {
    await hold({ withPage: true })
    const program = join(folder, 'bin', 'chromium')
    await mkdir(join(folder, 'bin'))
    const opened = join(folder, 'opened')
    const lines = ['#!/bin/sh', `echo "$@" > '${opened}.part'`, `mv '${opened}.part' '${opened}'`, '']
    await writeFile(program, lines.join('\n'))
    await chmod(program, 0o755)
    const path = [join(folder, 'bin'), process.env['PATH']].join(delimiter)
    expect(await run(['window'], { PATH: path, DISPLAY: ':0' })).toMatchObject({ code: 0, stdout: '' })
    await expect
      .poll(() => readFile(opened, 'utf8').catch(() => ''), { timeout: 30_000 })
      .toMatch(/^--app=http:\/\/127\.0\.0\.1:\d+\/#token=\S{43} --class=wardian-server\n$/)
  })
})

describe('wardian serve --stop', () => {
  it('is content where nothing runs', async () => {
    expect(await run(['serve', '--stop'])).toEqual({
      ...{ code: 0, stdout: '' },
      stderr: `Wardian does not run on ${join(folder, 'data')}\n`,
    })
  })
})
