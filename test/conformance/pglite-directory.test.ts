/**
 * What is particular to PGlite on disk: how commits become durable, where new instances come from, and which
 * directories are refused. Real processes, real files.
 */

import { spawn } from 'node:child_process'
import { closeSync, cpSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import {
  engineFixture,
  must,
  openTimeoutMs,
  testTemplatesDirectory,
  valueOf,
} from '../support/engine-fixture.ts'

const commits = Number(process.env['WARDIAN_TEST_COMMITS'] ?? 50)

/** Runs commit-process.ts until it kills itself; answers what it said. */
async function commitAndDie(home: string, durability: string): Promise<{ before: number; during: number }> {
  const syncFile = join(home, 'syncs')
  writeFileSync(syncFile, '')
  const support = join(import.meta.dirname, '..', 'support')
  const options = [join(home, 'data'), testTemplatesDirectory, durability, String(commits)]
  const child = spawn(
    process.execPath,
    ['--import', join(support, 'count-syncs.ts'), join(support, 'commit-process.ts'), ...options],
    { env: { ...process.env, WARDIAN_TEST_SYNCS: syncFile }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let said = ''
  child.stdout.on('data', (text: Buffer) => (said += text.toString()))
  const signal = await new Promise((resolve) => child.once('close', (_, by) => resolve(by)))
  expect(signal).toBe('SIGKILL')
  return JSON.parse(said) as { before: number; during: number }
}

/** What full-disk-process.ts saw. */
async function runOnFullDisk(home: string): Promise<unknown> {
  const support = join(import.meta.dirname, '..', 'support')
  const child = spawn(
    process.execPath,
    [
      ...['--import', join(support, 'full-disk.ts'), join(support, 'full-disk-process.ts')],
      ...[join(home, 'data'), testTemplatesDirectory],
    ],
    { env: { ...process.env, WARDIAN_TEST_FULL: join(home, 'full') }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let said = ''
  child.stdout.on('data', (text: Buffer) => (said += text.toString()))
  await new Promise((resolve) => child.once('close', resolve))
  return JSON.parse(said)
}

/** Overwrites a few bytes of a file. */
function scribble(path: string, at: number): void {
  const descriptor = openSync(path, 'r+')
  writeSync(descriptor, 'scribble', at)
  closeSync(descriptor)
}

describe('PGlite in a directory', () => {
  const factory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
  const { open, directory } = engineFixture(factory)

  test(
    'every commit of a durable instance is on disk before it is acknowledged',
    async () => {
      const home = directory()
      const { before, during } = await commitAndDie(home, 'durable')
      // The copied template too: more than five hundred files that are not empty, and their directories.
      expect(before).toBeGreaterThan(560)
      expect(during).toBeGreaterThanOrEqual(commits)
      const engine = await open({ directory: join(home, 'data'), durability: 'durable' })
      expect(await valueOf(engine, 'select count(*) from committed')).toBe(String(commits))
    },
    openTimeoutMs,
  )

  test(
    'a relaxed instance leaves syncing to the system, and survives the death of its process',
    async () => {
      const home = directory()
      const { during } = await commitAndDie(home, 'relaxed')
      expect(during).toBe(0)
      const engine = await open({ directory: join(home, 'data') })
      expect(await valueOf(engine, 'select count(*) from committed')).toBe(String(commits))
    },
    openTimeoutMs,
  )

  test(
    'a closed instance was shut down cleanly, and belongs to its owner only',
    async () => {
      const home = directory()
      const data = join(home, 'data')
      const engine = await open({ directory: data })
      await must(engine, 'create table t as select 1')
      await engine.close()
      expect(statSync(data).mode & 0o777).toBe(0o700)
      for (const name of readdirSync(data, { recursive: true, encoding: 'utf8' })) {
        // Written with stdio, which leaves it to the umask; a cache of catalogs, behind a closed directory.
        if (name.endsWith('pg_internal.init')) continue
        expect(statSync(join(data, name)).mode & 0o077, name).toBe(0)
      }
      const again = await open({ directory: data })
      expect(await valueOf(again, `select pg_control_checkpoint() is not null`)).toBe('t')
      expect(readdirSync(home)).toEqual(['data'])
    },
    openTimeoutMs,
  )

  test(
    'what is not a whole data directory of this version is refused, and never changed',
    async () => {
      const home = directory()
      const good = join(home, 'good')
      await (await open({ directory: good })).close()
      const damage: [string, string, (path: string) => void][] = [
        [
          'foreign',
          'unsupported',
          (path) => (rmSync(path, { recursive: true }), mkdirSync(path), writeFileSync(join(path, 'x'), '')),
        ],
        ['older', 'unsupported', (path) => writeFileSync(join(path, 'PG_VERSION'), '16\n')],
        ['control', 'corrupt', (path) => scribble(join(path, 'global', 'pg_control'), 100)],
        ['truncated', 'corrupt', (path) => truncateSync(join(path, 'global', 'pg_control'), 100)],
        ['catalog', 'corrupt', (path) => rmSync(join(path, 'base'), { recursive: true })],
        ['wal', 'corrupt', (path) => rmSync(join(path, 'pg_wal'), { recursive: true })],
      ]
      for (const [name, code, harm] of damage) {
        const path = join(home, name)
        cpSync(good, path, { recursive: true })
        harm(path)
        const before = readdirSync(path, { recursive: true }).length
        await expect(open({ directory: path }), name).rejects.toMatchObject({ code })
        expect(readdirSync(path, { recursive: true }).length - before, name).toBeLessThanOrEqual(1)
      }
    },
    openTimeoutMs,
  )

  test(
    'a full disk fails the statement, or ends the engine and says so, and no acknowledged commit is lost',
    async () => {
      const seen = await runOnFullDisk(directory())
      expect(seen).toEqual({
        bulk: '53100',
        failure: [
          'disk-full',
          expect.stringMatching(/No space is left for .*Free some space and open it again/),
        ],
        kept: '1,2',
      })
    },
    openTimeoutMs,
  )

  test('an instance that cannot be created says why, and leaves nothing', async () => {
    const home = directory()
    writeFileSync(join(home, 'file'), '')
    await expect(open({ directory: join(home, 'file', 'data') })).rejects.toMatchObject({
      code: 'invalid-argument',
    })
    expect(readdirSync(home)).toEqual(['file'])
  })
})

/** Those of earlier recipes may lie beside it. */
function newestOf(templates: string): string {
  return (
    templatesIn(templates)
      .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .at(-1) ?? ''
  )
}

/** Without the compiled code that lies beside them. */
function templatesIn(path: string): string[] {
  return readdirSync(path).filter((name) => name.startsWith('pglite-'))
}

describe('the template', () => {
  const fixture = engineFixture(new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory }))

  test(
    'is made once although several ask for it, and made anew when it is damaged',
    async () => {
      const templates = fixture.directory()
      const options = { directory: null, durability: 'relaxed' } as const
      const factories = [1, 2].map(() => new PgliteEngineFactory({ templatesDirectory: templates }))
      try {
        const engines = await Promise.all(factories.map((factory) => factory.open(options)))
        expect(await Promise.all(engines.map((engine) => valueOf(engine, 'select 1')))).toEqual(['1', '1'])
        const [made = '', ...others] = templatesIn(templates)
        expect(others).toEqual([])
        truncateSync(join(templates, made, 'data.image'), 1000)
        const again = new PgliteEngineFactory({ templatesDirectory: templates })
        factories.push(again)
        expect(await valueOf(await again.open(options), 'select 2')).toBe('2')
        expect(statSync(join(templates, made, 'data.image')).size).toBeGreaterThan(1 << 20)
        expect(templatesIn(templates)).toEqual([made])
      } finally {
        await Promise.all(factories.map((factory) => factory.dispose()))
      }
    },
    2 * openTimeoutMs,
  )

  test(
    'that came with the product is used where it is whole, and passed over where it is not',
    async () => {
      const options = { directory: null, durability: 'relaxed' } as const
      await (await fixture.open()).close()
      const shipped = fixture.directory()
      cpSync(testTemplatesDirectory, shipped, { recursive: true })
      const image = join(shipped, newestOf(shipped), 'data.image')
      const control = readFileSync(image)
      const states: [string, () => void][] = [
        ['whole', () => undefined],
        ['of the wrong length', () => truncateSync(image, 1000)],
        ['of the right length', () => writeFileSync(image, control.fill(0))],
        ['missing', () => rmSync(shipped, { recursive: true })],
      ]
      for (const [name, harm] of states) {
        // Another takes the place of the damaged. Where it must not be used it is of no use, and would be made anew.
        const templates = fixture.directory()
        cpSync(testTemplatesDirectory, templates, { recursive: true })
        const own = join(templates, newestOf(templates), 'template.json')
        if (name === 'whole') writeFileSync(own, '{')
        harm()
        const factory = new PgliteEngineFactory({
          templatesDirectory: templates,
          shippedTemplatesDirectory: shipped,
        })
        try {
          expect(await valueOf(await factory.open(options), 'select 1'), name).toBe('1')
          expect(readFileSync(own, 'utf8') === '{', name).toBe(name === 'whole')
        } finally {
          await factory.dispose()
        }
      }
    },
    3 * openTimeoutMs,
  )

  test(
    'is not needed to open what is there already, nor is a place for it',
    async () => {
      const home = fixture.directory()
      const options = { directory: join(home, 'data'), durability: 'relaxed' } as const
      await (await fixture.open(options)).close()
      writeFileSync(join(home, 'templates'), 'no directory')
      const factory = new PgliteEngineFactory({ templatesDirectory: join(home, 'templates') })
      try {
        expect(await valueOf(await factory.open(options), 'select 1')).toBe('1')
      } finally {
        await factory.dispose()
      }
    },
    openTimeoutMs,
  )
})
