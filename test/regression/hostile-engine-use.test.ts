/**
 * Goal: what a hostile hand does to an engine ends in an error that says so. Files that are gone (a disk that is
 * not mounted) are not replaced by an empty database; programs are refused without ending the engine; a damaged
 * template is no reason to fail. Method: the real engine, on files that the test harms.
 */

import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import { engineFixture, openTimeoutMs, run, testTemplatesDirectory } from '../support/engine-fixture.ts'

/** Those of earlier recipes lie beside it. */
function newestTemplate(templates: string): string {
  const made = readdirSync(templates).filter((name) => name.startsWith('pglite-'))
  return made.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1) ?? ''
}

describe('the engine', () => {
  const factory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
  const { directory, open } = engineFixture(factory)

  test(
    'creates nothing where a database must exist',
    async () => {
      const data = join(directory(), 'data')
      await (await open({ directory: data })).close()
      await (await open({ directory: data, mustExist: true })).close()
      rmSync(data, { recursive: true })
      await expect(open({ directory: data, mustExist: true })).rejects.toMatchObject({
        code: 'corrupt',
        message: expect.stringContaining('mount it') as string,
      })
      expect(existsSync(data)).toBe(false)
    },
    openTimeoutMs,
  )

  test(
    'refuses to run programs with an SQL error, and goes on',
    async () => {
      const engine = await open({ directory: null })
      for (const sql of [`copy (select 1) to program 'ls'`, `copy pg_class from program 'ls'`]) {
        const { outcome } = await run(engine, sql)
        expect(outcome.error, sql).toMatchObject({
          code: 'sql-error',
          message: expect.stringContaining('programs cannot be run') as string,
        })
      }
      expect((await run(engine, 'select 1')).rows).toEqual([['1']])
    },
    openTimeoutMs,
  )

  test(
    'makes the template anew when what it should hold cannot be read',
    async () => {
      const templates = directory()
      cpSync(testTemplatesDirectory, templates, { recursive: true })
      const made = newestTemplate(templates)
      writeFileSync(join(templates, made, 'template.json'), '{')
      const harmed = new PgliteEngineFactory({ templatesDirectory: templates })
      try {
        const engine = await harmed.open({ directory: null, durability: 'relaxed' })
        expect((await run(engine, 'select 1')).rows).toEqual([['1']])
      } finally {
        await harmed.dispose()
      }
    },
    openTimeoutMs,
  )

  test.each([
    ['in memory, where it makes the template anew', null],
    ['on disk, where it has another', 'data'],
  ])(
    'never begins with wrong bytes of a template of the right length (%s)',
    async (_, name) => {
      const home = directory()
      await (await open()).close()
      const templates = join(home, 'templates')
      cpSync(testTemplatesDirectory, templates, { recursive: true })
      const made = newestTemplate(templates)
      const imageFile = join(templates, made, 'data.image')
      const image = readFileSync(imageFile)
      image.fill(0, image.length >> 1, (image.length >> 1) + 16_384)
      writeFileSync(imageFile, image)
      const harmed = new PgliteEngineFactory(
        name === null
          ? { templatesDirectory: templates }
          : { templatesDirectory: testTemplatesDirectory, shippedTemplatesDirectory: templates },
      )
      try {
        const engine = await harmed.open({ directory: name && join(home, name), durability: 'relaxed' })
        expect((await run(engine, 'select 1')).rows).toEqual([['1']])
        // What came with the product is never written to.
        expect(readFileSync(imageFile).equals(image)).toBe(name !== null)
      } finally {
        await harmed.dispose()
      }
    },
    2 * openTimeoutMs,
  )
})
