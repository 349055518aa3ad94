/** What is built is what is written down: the exports, the layout, the size, and the bytes themselves. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as batch from '../../src/contract/column-batch.ts'
import * as limits from '../../src/contract/limits.ts'
import { createRowDecoder } from '../js/create-row-decoder.ts'
import * as layout from '../js/layout.ts'
import { compileRowDecoder } from '../js/wasm-row-decoder.ts'

const read = (path: string): Buffer => readFileSync(new URL(path, import.meta.url))

test('the module exports what exports.json lists, and imports nothing', () => {
  const module = compileRowDecoder()
  const exported = WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind])
  expect(Object.fromEntries(exported)).toStrictEqual(JSON.parse(read('../exports.json').toString()))
  expect(WebAssembly.Module.imports(module)).toStrictEqual([])
})

test('the layout is the contract’s', () => {
  const { kindBool, kindInt32, kindUint32, kindInt64, kindFloat64, kindText } = layout
  expect({
    bool: kindBool,
    int32: kindInt32,
    uint32: kindUint32,
    int64: kindInt64,
    float64: kindFloat64,
    text: kindText,
  }).toStrictEqual(batch.columnKinds)
  expect([
    layout.batchMagic,
    layout.batchHeaderBytes,
    layout.batchDirectoryEntryBytes,
    layout.columnsMax,
  ]).toStrictEqual([
    batch.batchMagic,
    batch.batchHeaderBytes,
    batch.batchDirectoryEntryBytes,
    limits.columnsMax,
  ])
})

test('the module’s hash is the one in the README', () => {
  const hash = createHash('sha256').update(read('../out/row-decoder.wasm')).digest('hex')
  expect(read('../README.md').toString()).toContain(hash)
})

test('a decoder that is not the preferred one says why', () => {
  expect(createRowDecoder('wasm')).toMatchObject({ name: 'wasm', fallbackReason: null })
  expect(createRowDecoder('twin')).toMatchObject({ name: 'twin', fallbackReason: null })
  const missing = new URL('./missing.wasm', import.meta.url)
  expect(createRowDecoder('wasm', missing)).toMatchObject({
    name: 'twin',
    fallbackReason: expect.stringContaining('missing.wasm'),
  })
})
