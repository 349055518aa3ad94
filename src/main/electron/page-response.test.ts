/** The app's page is the served page: same bytes, same headers, and nothing beside it. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { newAccessSecrets } from '../endpoints/access-control.ts'
import { WorkbenchEndpoint } from '../endpoints/workbench-endpoint.ts'
import { PageFiles } from '../page/page-files.ts'
import { pageResponse } from './page-response.ts'

let folder: string
let pages: PageFiles

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardian-app-'))
  await writeFile(join(folder, 'index.html'), 'the page')
  pages = await PageFiles.read(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const get = (url: string, method = 'GET'): Response => pageResponse(pages, { url, method })

describe('pageResponse', () => {
  it('has the body and every header of the headless shell', async () => {
    const endpoint = await WorkbenchEndpoint.listen({
      port: 0,
      secrets: newAccessSecrets(null),
      clock: systemClock,
      pages,
      onSocket: () => undefined,
      onFailure: () => undefined,
    })
    const served = await fetch(`${endpoint.address}/`)
    const app = get('app://page/')
    expect(await app.text()).toBe(await served.text())
    const ofTransport = new Set(['connection', 'content-length', 'date', 'keep-alive'])
    const headers = [...served.headers].filter(([name]) => !ofTransport.has(name))
    expect(Object.fromEntries(app.headers)).toEqual(Object.fromEntries(headers))
    await endpoint.close()
  })

  it.each([
    'app://page/..%2fpackage.json',
    'app://page/%2e%2e/package.json',
    'app://page/nothing',
    'app://other/',
    'app://page.evil/',
  ])('has nothing at %s, but the policy', (url) => {
    const response = get(url)
    expect(response.status).toBe(404)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it('only reads', async () => {
    expect(get('app://page/', 'POST').status).toBe(404)
    expect(await get('app://page/', 'HEAD').text()).toBe('')
  })
})
