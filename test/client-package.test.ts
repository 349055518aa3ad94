/**
 * The package `@wardian/client` as somebody gets it: packed, installed into an empty project without a network, used by
 * Node and by the type checker, and no larger than it may be.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { present } from '../src/base/assert.ts'
import { buildIfStale } from '../build/build-if-stale.ts'
import { repositoryRoot, runCommand, runPackageCommand } from '../build/run-command.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

/** Compressed, with the WebAssembly module. */
const bundleBytesMax = 100 << 10

const buildTimeoutMs = 300_000

const path = temporaryDirectory()
const project = path('project')

async function npm(args: readonly string[], cwd: string): Promise<string> {
  const { exitCode, output } = await runCommand('npm', [...args, '--no-audit', '--no-fund', '--offline'], {
    cwd,
  })
  if (exitCode !== 0) throw new Error(output)
  return output
}

/** As somebody would use it, as far as that goes without an endpoint. */
const program = `
import { connect, sql, typeOids, WardianError } from '@wardian/client'
const statement = sql\`select * from \${sql.identifier('a b')} where id = \${1}\`
const error = await connect({ url: 'ws://127.0.0.1:1', token: 'x', tenant: 't' }).catch((reason) => reason)
process.stdout.write(JSON.stringify({
  text: statement.text, params: statement.params, oid: typeOids.int8,
  failure: [error instanceof WardianError, error.code],
}))
`

const typedProgram = `
import { connect, sql, WardianError, type QueryResult, type WardianClient } from '@wardian/client'
interface Item { readonly id: bigint; readonly name: string | null }
export async function run(): Promise<readonly Item[]> {
  const db: WardianClient = await connect({ url: 'ws://127.0.0.1:5480', token: 'wdn_…', tenant: 'shop' })
  const result: QueryResult<Item> = await db.sql<Item>\`select * from items where id > \${5n}\`
  const ids = result.columns()[0]?.values
  if (ids instanceof BigInt64Array) result.rowCount satisfies number
  for await (const batch of db.stream<Item>('select * from items', [], { credit: 8 })) batch.rows satisfies Item[]
  const moved = await db.transaction(async (tx) => {
    const { first } = await tx.query<Item>('select * from items limit 1')
    return first?.id ?? null
  })
  moved satisfies bigint | null
  const changes = await db.subscribe<Item>(sql\`select * from items\`)
  for await (const event of changes) {
    if (event.kind === 'snapshot') event.rows satisfies readonly Item[]
    else for (const { before, after } of event.updated) [before, after] satisfies Item[]
  }
  for await (const event of await db.subscribe('news')) {
    if (event.kind === 'notification') event.payload satisfies string
  }
  const results = await db.batch(['select 1'], { isAtomic: true })
  results satisfies readonly QueryResult[]
  try {
    await db.query('select 1', [], { signal: new AbortController().signal, timeoutMs: 100 })
  } catch (error) {
    if (error instanceof WardianError && error.code === 'sql_error') return []
  }
  return result.rows
}
`

beforeAll(async () => {
  await buildIfStale({ parts: ['wasm', 'client'] })
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  await npm(['pack', '--pack-destination', project], join(repositoryRoot, 'out/client-package'))
  const archive = present(
    readdirSync(project).find((name) => name.endsWith('.tgz')),
    'the archive',
  )
  await npm(['install', '--ignore-scripts', `./${archive}`], project)
}, buildTimeoutMs)

describe('the package @wardian/client', () => {
  test('has what it needs and nothing else, and depends on nothing', () => {
    const folder = join(project, 'node_modules/@wardian/client')
    const files = readdirSync(folder).sort()
    expect(files).toStrictEqual(['LICENSE', 'README.md', 'package.json', 'types', 'wardian-client.js'])
    expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toStrictEqual([
      '@wardian',
    ])
    const declarations = readdirSync(join(folder, 'types'), { recursive: true, encoding: 'utf8' })
    expect(declarations.filter((name) => /\.(test|bench)\./.test(name))).toStrictEqual([])
  })

  test('runs in Node', async () => {
    writeFileSync(join(project, 'program.js'), program)
    const { output } = await runCommand(process.execPath, ['program.js'], { cwd: project })
    expect(JSON.parse(output)).toStrictEqual({
      text: 'select * from "a b" where id = $1',
      params: [1],
      oid: 20,
      failure: [true, 'connection_lost'],
    })
  })

  test('is typed, for strict programs of either module resolution', async () => {
    writeFileSync(join(project, 'typed.ts'), typedProgram)
    const common = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2022,dom,dom.asynciterable']
    for (const [module, resolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ] as const) {
      const modules = ['--module', module, '--moduleResolution', resolution, '--ignoreConfig', 'typed.ts']
      const command = { packageName: '@typescript/native', name: 'tsc' }
      const { output } = await runPackageCommand(command, [...common, ...modules], { cwd: project })
      expect(output).toBe('')
    }
  })

  test('is small, and has its WebAssembly in it', () => {
    const bundle = readFileSync(join(project, 'node_modules/@wardian/client/wardian-client.js'))
    for (const name of ['text-reader', 'frame-codec']) {
      const module = readFileSync(join(repositoryRoot, `native-wasm/out/${name}.wasm`)).toString('base64')
      expect(bundle.includes(module)).toBe(true)
    }
    expect(gzipSync(bundle, { level: 9 }).length).toBeLessThanOrEqual(bundleBytesMax)
    expect(brotliCompressSync(bundle).length).toBeLessThanOrEqual(bundleBytesMax)
  })
})
