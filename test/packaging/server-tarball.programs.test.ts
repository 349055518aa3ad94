/**
 * Goal: the self-contained tarball runs wherever it is unpacked, with nothing of the machine but its C library, and has
 * the same bytes when it is built again. Method: an empty environment, a folder with a space, a link from elsewhere.
 */

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from 'pglite-postgres-17'
import { beforeAll, describe, expect, it } from 'vitest'
import { runProgram } from '../support/run-program.ts'
import { buildPackage, packagesDirectory, runAlone } from './built-package.ts'

/** Node's binary is packed and unpacked; instances are made. */
const packageTimeoutMs = 600_000

/** The program without Node, unpacked: the bound of the issue, in bytes. */
const appBytesMax = 60e6

describe('the tarball', { timeout: packageTimeoutMs }, () => {
  const path = packagesDirectory()
  const folder = join(path('a folder'), 'wardian-server-9.8.7-linux-x64')
  const data = path('data')
  const environment = { HOME: path('home'), PATH: '/usr/bin:/bin', WARDIAN_DATA: data }
  let tarball = ''

  async function wardian(...args: string[]): Promise<string> {
    return (await runAlone([path('wardian'), ...args], environment)).stdout
  }

  beforeAll(async () => {
    tarball = await buildPackage({ kind: 'tarball', output: path('first'), version: '9.8.7' })
    mkdirSync(path('a folder'))
    await runAlone(['tar', '-xzf', tarball, '-C', path('a folder')], environment)
    symlinkSync(join(folder, 'bin/wardian'), path('wardian'))
  }, packageTimeoutMs)

  it('runs from anywhere by a link, with its own Node', async () => {
    expect(await wardian('--version')).toBe('9.8.7\n')
    await wardian('create', 'shop', '--sample')
    expect(await wardian('query', 'shop', 'select count(*) from orders', '--format', 'csv')).toBe(
      'count\r\n40000\r\n',
    )
    const manifest = readFileSync(join(import.meta.dirname, '../../node_modules/node/package.json'), 'utf8')
    const { version } = JSON.parse(manifest) as { version: string }
    expect(await wardian('doctor')).toContain(`Node ${version}`)
  })

  it('has extensions, and brings directories of Postgres 17 to this one', async () => {
    await wardian('create', 'old', '--extension', 'vector')
    const { id } = (JSON.parse(await wardian('list', '--json')) as { id: string; name: string }[]).find(
      ({ name }) => name === 'old',
    ) ?? { id: '' }
    const directory = path('postgres-17')
    const earlier = await PGlite.create(directory)
    await earlier.exec('create table kept (n integer); insert into kept select generate_series(1, 100)')
    await earlier.close()
    await rm(join(data, 'instances', id, 'data'), { recursive: true })
    await cp(directory, join(data, 'instances', id, 'data'), { recursive: true })
    await wardian('migrate', 'old')
    expect(await wardian('query', 'old', 'select sum(n) from kept', '--format', 'csv')).toBe(
      'sum\r\n5050\r\n',
    )
  })

  it('is within its bound, and has nothing of developers in it', async () => {
    const app = join(folder, 'app')
    const { stdout } = await runProgram(['du', '--apparent-size', '--bytes', '--summarize', app])
    expect(Number.parseInt(stdout, 10)).toBeLessThan(appBytesMax)
    // Of where the test has unpacked it nothing is asked.
    const { stdout: names } = await runProgram(['find', app, '-type', 'f', '-printf', '/%P\\n'])
    const unwanted =
      /\.(map|ts|gyp|c|cpp|md)$|\/(darwin|win32|linuxmusl)-\w+\.node$|linux-arm64\.node$|\/tests?\//
    expect(names.split('\n').filter((name) => unwanted.test(name) && !/LICEN/i.test(name))).toEqual([])
  })

  it('has the same bytes when it is built again', async () => {
    const again = await buildPackage({ kind: 'tarball', output: path('second'), version: '9.8.7' })
    const hash = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')
    expect(hash(again)).toBe(hash(tarball))
  })
})
