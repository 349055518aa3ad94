/** What the engine drives is PGlite's own module, quicker to look into. */

import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PgliteModule } from './pglite-module.ts'
import { quickModule } from './quick-module.ts'

let pglite: PGlite
let module: PgliteModule

beforeAll(async () => {
  pglite = await PGlite.create()
  module = pglite.Module as unknown as PgliteModule
})
afterAll(() => pglite.close())

test('all of it is the module’s own, and there', () => {
  const quick = quickModule(module)
  for (const [name, value] of Object.entries(quick)) {
    expect.soft({ name, value: typeof value }).not.toEqual({ name, value: 'undefined' })
    expect.soft(value === Reflect.get(module, name), name).toBe(true)
  }
})

test('its memory is the one that there is when that has grown', () => {
  const quick = quickModule(module)
  const before = quick.HEAPU8
  const pointer = module._malloc(before.length)
  expect(before.length).toBe(0)
  expect(quick.HEAPU8).toBe(module.HEAPU8)
  expect(quick.HEAPU8.length).toBeGreaterThan(0)
  module._free(pointer)
})
