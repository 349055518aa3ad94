/**
 * What every spec stands on: a host of its own, a page that is watched for errors, and the workbench in it. The target
 * is the project's; specs say nothing of it, so that each runs against every shell. What concerns one shell by its
 * nature says so with `servedOnly`, or is in a file named desktop-*.
 */

import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, type Page, type TestDetails } from '@playwright/test'
import { DesktopHost } from './desktop-host.ts'
import type { HostUnderTest, Target } from './host-under-test.ts'
import { ServerPool } from './server-pool.ts'
import { WardianServer } from './wardian-server.ts'
import { Workbench } from './workbench.ts'

export { expect } from '@playwright/test'

/** Initialising a database and filling in the sample, on a busy machine. */
export const firstStartTimeoutMs = 300_000

/** Details of a spec that concerns the served form by its nature, for a reason that reports show. */
export function servedOnly(reason: string): TestDetails {
  return { tag: '@serve', annotation: { type: 'served form only', description: reason } }
}

/** Details of a spec that needs a machine which only the stand-in can be, for a reason that reports show. */
export function standInOnly(reason: string): TestDetails {
  return { tag: '@standin', annotation: { type: 'stand-in only', description: reason } }
}

/** Details of a spec that moves more than the stand-in's tunnels carry in time; Electron's own ports do. */
export const muchData: TestDetails = {
  tag: '@much-data',
  annotation: { type: 'not on the stand-in', description: 'its tunnels are slow, and say nothing of speed' },
}

interface ServerWishes {
  /** Its data directory has never been used. */
  readonly isFresh?: boolean
}

interface PageWishes {
  /** Without the cookies of the others. */
  readonly isIncognito?: boolean
  /** Its console may show errors: it is not let in. */
  readonly expectsErrors?: boolean
}

interface Fixtures {
  /** Empty; removed afterwards. */
  readonly dataDirectory: string
  /** Started, on a data directory of its own that has a filled playground; removed afterwards. */
  readonly server: HostUnderTest
  /** The desktop app, where the target is one: the same as `server`. */
  readonly desktop: DesktopHost
  /** Another one, with its own directory. */
  readonly newServer: (wishes?: ServerWishes) => Promise<HostUnderTest>
  /** The one of this spec; started when it is first asked for. */
  readonly ownServer: () => Promise<HostUnderTest>
  /** The workbench in `page`; open it first. */
  readonly workbench: Workbench
  readonly newPage: (wishes?: PageWishes) => Promise<Page>
  /** Another window of the same browser, with the workbench open. */
  readonly newWindow: () => Promise<Workbench>
  /** Lets the page read and write the clipboard, which nobody is there to allow. */
  readonly allowClipboard: () => Promise<void>
  /** Lets messages of the console pass that the spec provokes. */
  readonly expectErrors: (pattern: RegExp) => void
  /** Collects what pages complain about; every complaint fails the test. */
  readonly complaints: Complaints
}

class Complaints {
  readonly #found: string[] = []
  #isOver = false
  readonly #expected: RegExp[] = []

  expect(pattern: RegExp): void {
    this.#expected.push(pattern)
  }

  /** The servers are about to end, of which pages may complain. */
  end(): void {
    this.#isOver = true
  }

  watch(page: Page): void {
    page.on('console', (message) => {
      if (this.#isOver) return
      if (message.type() === 'error' || message.type() === 'warning') this.#found.push(message.text())
    })
    page.on('pageerror', (error) => {
      if (!this.#isOver) this.#found.push(error.stack ?? error.message)
    })
  }

  get unexpected(): readonly string[] {
    return this.#found.filter((text) => !this.#expected.some((pattern) => pattern.test(text)))
  }
}

interface WorkerFixtures {
  /** Which shell the specs run against; the project says it. */
  readonly target: Target
  /** Hosts whose first start is over. */
  readonly pool: ServerPool<HostUnderTest>
}

/** Starts `server`, waits until the sample is filled in, and stops it. */
async function finishFirstStart(server: WardianServer): Promise<void> {
  await server.start()
  const sql = 'select count(*) from orders'
  // A command gives up on a host that does not answer for seconds, as on a machine that is too busy.
  await base
    .expect(async () => {
      const { code, stderr } = await server.command(['query', 'playground', sql])
      base.expect({ code }, stderr).toEqual({ code: 0 })
    })
    .toPass({ timeout: firstStartTimeoutMs })
  await server.stop()
}

/** A host that has not been started, on a fresh data directory, or on a copy of `original`. */
function createHost(target: Target, original?: string): Promise<HostUnderTest> {
  const copied = original === undefined ? {} : { original }
  return target === 'serve'
    ? WardianServer.create({ label: target, ...copied })
    : DesktopHost.create({ target, ...copied })
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  target: ['serve', { scope: 'worker', option: true }],

  pool: [
    async ({ target }, provide) => {
      const original = await WardianServer.create({ label: target })
      try {
        await finishFirstStart(original)
        const pool = new ServerPool(() => createHost(target, original.dataDirectory))
        await provide(pool)
        await pool.dispose()
      } finally {
        await original.dispose()
      }
    },
    { scope: 'worker', timeout: firstStartTimeoutMs },
  ],

  complaints: [
    async ({ target }, provide) => {
      const complaints = new Complaints()
      await provide(complaints)
      base.expect(complaints.unexpected, `errors and warnings in the console of ${target}`).toEqual([])
    },
    { auto: true },
  ],

  expectErrors: async ({ complaints }, provide) => {
    await provide((pattern) => complaints.expect(pattern))
  },

  dataDirectory: async ({ target }, provide) => {
    const directory = await mkdtemp(join(tmpdir(), `wardian-${target}-`))
    await provide(directory)
    // Its asynchronous twin takes seconds for the two thousand files of two databases.
    rmSync(directory, { recursive: true, force: true })
  },

  ownServer: async ({ newServer }, provide) => {
    let own: Promise<HostUnderTest> | null = null
    await provide(() => (own ??= newServer()))
  },

  server: async ({ ownServer }, provide) => {
    await provide(await ownServer())
  },

  desktop: async ({ server, target }, provide) => {
    if (!(server instanceof DesktopHost)) throw new Error(`There is no desktop app on ${target}`)
    await provide(server)
  },

  newServer: async ({ target, pool, complaints }, provide, testInfo) => {
    const servers: HostUnderTest[] = []
    await provide(async ({ isFresh = false } = {}) => {
      const server = isFresh ? await createHost(target) : await pool.take()
      servers.push(server)
      if (isFresh) await server.start()
      if (server instanceof DesktopHost) server.watchWindows((page) => complaints.watch(page))
      return server
    })
    complaints.end()
    for (const server of servers) {
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach('stderr of the host', { body: server.narration })
      }
      await server.dispose()
    }
  },

  context: async ({ context, target, ownServer }, provide) => {
    const own = target === 'serve' ? null : await ownServer()
    await provide(own instanceof DesktopHost ? own.app.context() : context)
  },

  page: async ({ context, target, ownServer, complaints }, provide) => {
    const own = target === 'serve' ? null : await ownServer()
    if (own instanceof DesktopHost) {
      await provide(own.page)
      return
    }
    const page = await context.newPage()
    complaints.watch(page)
    await provide(page)
  },

  allowClipboard: async ({ context, ownServer, target }, provide) => {
    await provide(async () => {
      const own = target === 'serve' ? null : await ownServer()
      if (own instanceof DesktopHost) await own.allowPermissions()
      else await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    })
  },

  newPage: async ({ browser, context, complaints }, provide) => {
    const opened: Page[] = []
    await provide(async ({ isIncognito = false, expectsErrors = false } = {}) => {
      const page = await (isIncognito ? await browser.newContext() : context).newPage()
      opened.push(page)
      if (!expectsErrors) complaints.watch(page)
      return page
    })
    for (const page of opened) await page.close()
  },

  workbench: async ({ page, server }, provide) => {
    await provide(new Workbench(page, server))
  },

  newWindow: async ({ newPage, server, complaints }, provide) => {
    await provide(async () => {
      const page = server instanceof DesktopHost ? await server.openWindow() : await newPage()
      if (server instanceof DesktopHost) complaints.watch(page)
      const workbench = new Workbench(page, server)
      if (server instanceof DesktopHost) await workbench.expectReady()
      else await workbench.open()
      return workbench
    })
  },
})
