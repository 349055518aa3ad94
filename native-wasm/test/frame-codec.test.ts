/** The frame codec's module is what is written down. What it does is compared with its twin in src/client. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string): Buffer => readFileSync(new URL(path, import.meta.url))

test('the module exports what is written down, imports nothing, and its hash is in the README', () => {
  const bytes = Uint8Array.from(read('../out/frame-codec.wasm'))
  const module = new WebAssembly.Module(bytes)
  const exported = WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind])
  expect(Object.fromEntries(exported)).toStrictEqual(
    JSON.parse(read('../exports.frame-codec.json').toString()),
  )
  expect(WebAssembly.Module.imports(module)).toStrictEqual([])
  const hash = createHash('sha256').update(bytes).digest('hex')
  expect(read('../README.md').toString()).toContain(hash)
})
