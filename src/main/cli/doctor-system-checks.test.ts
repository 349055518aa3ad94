/** What is found on machines that lack something, and what to do about each. Real folders, a real port. */

import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { browserCheck, memoryCheck, nodeCheck, pageCheck, portCheck } from './doctor-system-checks.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardian-doctor-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const desktop = { DISPLAY: ':0' }

const installNode: unknown = expect.stringMatching(/^Install Node 22\.15 or newer/)
const keepFew: unknown = expect.stringContaining('few instances')
const installBrowser: unknown = expect.stringMatching(/^Install Chromium/)

describe('a check', () => {
  it.each([
    [nodeCheck('20.19.0'), { finding: 'Node 20.19.0', status: 'fail', advice: installNode }],
    [nodeCheck('22.14.9'), { finding: 'Node 22.14.9', status: 'fail', advice: installNode }],
    [nodeCheck('22.15.0'), { finding: 'Node 22.15.0', status: 'ok', advice: null }],
    [nodeCheck('24.0.0'), { finding: 'Node 24.0.0', status: 'ok', advice: null }],
    [memoryCheck(1.9 * 2 ** 30), { finding: '1.9 GB of memory', status: 'warn', advice: keepFew }],
    [memoryCheck(2 * 2 ** 30), { finding: '2.0 GB of memory', status: 'ok', advice: null }],
    [browserCheck({ PATH: '', ...desktop }, 'linux'), { status: 'warn', advice: installBrowser }],
    [browserCheck({ PATH: '' }, 'darwin'), { status: 'ok', advice: null }],
    [browserCheck({ PATH: '' }, 'win32'), { status: 'ok', advice: null }],
  ])('that finds %j says what to do where something is', (check, expected) => {
    expect(check).toMatchObject(expected)
  })
})

describe('browserCheck', () => {
  it('finds one that lies on the path, and tells where no desktop would show it', async () => {
    const program = join(folder, 'firefox')
    await writeFile(program, '')
    await chmod(program, 0o700)
    const found = { id: 'browser', status: 'ok', finding: 'firefox' }
    expect(browserCheck({ PATH: folder, ...desktop }, 'linux')).toEqual({ ...found, advice: null })
    expect(browserCheck({ PATH: folder }, 'linux')).toEqual({
      ...found,
      advice: expect.stringContaining('open the printed address'),
    })
  })
})

describe('pageCheck', () => {
  it('fails where there is no page, and says how to build it', async () => {
    expect(pageCheck(folder)).toMatchObject({ status: 'fail', advice: 'Run npm run build' })
    await writeFile(join(folder, 'index.html'), '')
    expect(pageCheck(folder)).toMatchObject({ status: 'ok', advice: null })
  })
})

describe('portCheck', () => {
  it('tells a port in use from a free one, and leaves it free', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    expect(await portCheck(port)).toMatchObject({
      status: 'ok',
      finding: `Port ${port} is in use`,
      advice: expect.stringContaining('--port chooses one'),
    })
    server.close()
    await once(server, 'close')
    for (let round = 0; round < 2; round++) {
      expect(await portCheck(port)).toMatchObject({ finding: `Port ${port} is free`, advice: null })
    }
  })
})
