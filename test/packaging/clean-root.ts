/**
 * A root of a file system that has nothing but a shell, a few tools and the C and C++ libraries, with a dpkg database
 * that knows only these; programs run in it by chroot. Made of this machine's own files, which takes no network.
 */

import { appendFileSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { runProgram } from '../support/run-program.ts'
import type { ProgramResult } from '../support/run-program.ts'

const tools = ['sh', 'dirname', 'readlink', 'ls', 'cat', 'env', 'head', 'kill', 'cp', 'rm', 'id', 'stat']
/** Of which the package depends; the rest only has to be there. */
const libraryPackages = ['libc6', 'libgcc-s1', 'libstdc++6']
const libraries = [
  'libdl.so.2',
  'libstdc++.so.6',
  'libm.so.6',
  'libgcc_s.so.1',
  'libpthread.so.0',
  'libc.so.6',
]

const user = { id: '1000', home: '/var/user' }

export class CleanRoot {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** Makes it. */
  async fill(): Promise<void> {
    const { path } = this
    for (const folder of ['usr/bin', 'usr/lib', 'usr/lib64', 'dev', 'proc', 'tmp', 'etc', `.${user.home}`]) {
      mkdirSync(join(path, folder), { recursive: true })
    }
    for (const folder of ['bin', 'lib', 'lib64']) symlinkSync(`usr/${folder}`, join(path, folder))
    writeFileSync(join(path, 'etc/passwd'), `user:x:${user.id}:${user.id}::${user.home}:/bin/sh\n`)
    await this.#copyTools()
    await this.#writeDatabase()
    expect((await runProgram(['chown', '-R', `${user.id}:${user.id}`, join(path, user.home)])).exitCode).toBe(
      0,
    )
    expect((await runProgram(['chmod', '1777', join(path, 'tmp')])).exitCode).toBe(0)
    // Where no device may be made, a file does for what is read and written to it.
    const made = await runProgram(['mknod', '-m', '666', join(path, 'dev/null'), 'c', '1', '3'])
    if (made.exitCode !== 0) writeFileSync(join(path, 'dev/null'), '', { mode: 0o666 })
  }

  /** Tells its dpkg that `names` are installed, for packages whose programs the test does not start. */
  async pretend(names: readonly string[]): Promise<void> {
    const { stdout } = await runProgram(['dpkg', '--print-architecture'])
    for (const name of names) {
      const fields = `Package: ${name}\nStatus: install ok installed\nVersion: 9:9\n`
      const text = `${fields}Architecture: ${stdout.trim()}\nMaintainer: nobody\nDescription: pretended\n\n`
      appendFileSync(join(this.path, 'var/lib/dpkg/status'), text)
      writeFileSync(join(this.path, 'var/lib/dpkg/info', `${name}.list`), '/.\n')
    }
  }

  /** Runs dpkg on it; it runs the package's scripts in it. */
  async dpkg(...args: string[]): Promise<ProgramResult> {
    const result = await runProgram(['dpkg', `--root=${this.path}`, ...args], { LC_ALL: 'C' })
    expect(result.exitCode, result.stderr).toBe(0)
    return result
  }

  /** Runs `script` in it as its user, with its own /proc where that can be had. */
  async run(script: string): Promise<ProgramResult> {
    const inside = `mount -t proc proc "$0/proc" 2>/dev/null; exec chroot --userspec=${user.id}:${user.id} "$0" "$@"`
    const environment = ['env', '-i', `HOME=${user.home}`, 'PATH=/usr/bin:/usr/sbin']
    const command = ['/usr/bin/env', '-C', user.home, 'sh', '-c', script]
    const result = await runProgram([
      ...environment,
      '/usr/bin/unshare',
      '-m',
      '/bin/sh',
      '-c',
      inside,
      this.path,
      ...command,
    ])
    expect(result.exitCode, `${script}\n${result.stderr}`).toBe(0)
    return result
  }

  dispose(): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  async #copyTools(): Promise<void> {
    const programs = tools.map((tool) => `/usr/bin/${tool}`)
    const found = await runProgram(['ldd', ...programs])
    const cache = await runProgram(['ldconfig', '-p'])
    const lines = cache.stdout.split('\n').filter((line) => line.includes('x86-64'))
    const own = libraries.flatMap((name) => {
      const line = lines.find((each) => each.trimStart().startsWith(`${name} `))
      return line === undefined ? [] : [line.slice(line.indexOf('=> ') + '=> '.length)]
    })
    const used = [...found.stdout.matchAll(/(?:=> )?(\/\S+\.so\S*) \(/g)].map(([, file = '']) => file)
    for (const file of new Set([...programs, ...own, ...used, '/lib64/ld-linux-x86-64.so.2'])) {
      // Through the links of a merged /usr.
      const place = join(this.path, file.replace(/^\/(bin|lib|lib64)\//, '/usr/$1/'))
      mkdirSync(dirname(place), { recursive: true })
      copyFileSync(file, place)
    }
  }

  async #writeDatabase(): Promise<void> {
    const folder = join(this.path, 'var/lib/dpkg')
    for (const name of ['info', 'updates', 'triggers']) mkdirSync(join(folder, name), { recursive: true })
    const format =
      'Package: ${Package}\\nStatus: install ok installed\\nVersion: ${Version}\\nArchitecture: ${Architecture}\\n'
    const fields = 'Maintainer: nobody\\nDescription: a library\\n\\n'
    const { stdout } = await runProgram(['dpkg-query', '-W', '-f', `${format}${fields}`, ...libraryPackages])
    writeFileSync(join(folder, 'status'), stdout)
    for (const name of libraryPackages) writeFileSync(join(folder, 'info', `${name}:amd64.list`), '/.\n')
  }
}
