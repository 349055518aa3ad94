/**
 * Goal: the Debian package is installed, runs, is upgraded, removed and purged, and what users made is there before and
 * after. Method: a root with next to nothing in it, dpkg itself, a user who is not root.
 */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgram } from '../support/run-program.ts'
import { buildPackage, packagesDirectory } from './built-package.ts'
import { CleanRoot } from './clean-root.ts'

/** Node's binary is packed and unpacked several times; instances are made. */
const packageTimeoutMs = 600_000

const count = 'wardian query shop "select count(*) from orders" --format csv'
const counted = 'count\r\n40000\r\n'

describe('the Debian package', { timeout: packageTimeoutMs }, () => {
  const path = packagesDirectory()
  const packages = { older: '', newer: '' }
  const root = new CleanRoot(path('root'))

  beforeAll(async () => {
    packages.older = await buildPackage({ kind: 'deb', output: path('older'), version: '9.8.6' })
    packages.newer = await buildPackage({ kind: 'deb', output: path('newer'), version: '9.8.7' })
    await root.fill()
  }, packageTimeoutMs)
  afterAll(() => root.dispose())

  /** What the package has put there. */
  const installed = [
    'usr/bin/wardian',
    'usr/lib/wardian-server',
    'usr/share/applications/wardian-server.desktop',
  ]
  const present = (): string[] => installed.filter((file) => existsSync(join(root.path, file)))

  it(
    'is installed and used, upgraded, removed and purged, and leaves the data alone',
    async () => {
      await root.dpkg('-i', packages.older)
      expect(present()).toEqual(installed)
      expect((await root.run('wardian --version')).stdout).toBe('9.8.6\n')
      await root.run('wardian create shop --sample')
      expect((await root.run(count)).stdout).toBe(counted)

      // Also while it runs in the background, which goes on and ends as it would have.
      expect((await root.run('wardian window')).stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=/)
      await root.dpkg('-i', packages.newer)
      await root.run('wardian serve --stop')
      expect((await root.run('wardian --version')).stdout).toBe('9.8.7\n')
      expect((await root.run(count)).stdout).toBe(counted)

      await root.dpkg('-r', 'wardian-server')
      expect(present()).toEqual([])
      expect((await root.dpkg('-P', 'wardian-server')).stdout).toContain('stays where it is')
      expect((await root.dpkg('-l')).stdout).not.toContain('wardian')
      await root.dpkg('-i', packages.newer)
      expect((await root.run(count)).stdout).toBe(counted)
    },
    packageTimeoutMs,
  )

  it(
    'has the same bytes when it is built again, and sums that are right',
    async () => {
      const again = await buildPackage({ kind: 'deb', output: path('again'), version: '9.8.7' })
      const hash = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')
      expect(hash(again)).toBe(hash(packages.newer))
      await root.dpkg('-i', packages.newer)
      expect((await root.dpkg('--verify', 'wardian-server')).stdout).toBe('')
    },
    packageTimeoutMs,
  )

  it('tells desktops and manuals what they read, in forms that they take', async () => {
    const tree = path('tree')
    expect((await runProgram(['dpkg-deb', '-x', packages.newer, tree])).exitCode).toBe(0)
    const page = await runProgram(['zcat', join(tree, 'usr/share/man/man1/wardian.1.gz')])
    expect(page.stdout).toContain('.SS "wardian query')
    const entry = readFileSync(join(tree, 'usr/share/applications/wardian-server.desktop'), 'utf8')
    const program = /^Exec=(\S+)/m.exec(entry)?.[1] ?? ''
    expect((await runProgram(['readlink', join(tree, 'usr/bin', program)])).stdout).toBe(
      '../lib/wardian-server/bin/wardian\n',
    )
    const completion = join(tree, 'usr/share/bash-completion/completions/wardian')
    const script = `. '${completion}'; COMP_WORDS=(wardian que); COMP_CWORD=1; _wardian; echo "\${COMPREPLY[@]}"`
    expect((await runProgram(['bash', '-c', script])).stdout).toBe('query\n')
  })
})
