/**
 * The `wardian` launcher in a folder of its own, over a command line that tells how it was started. An old Node
 * is this Node made to say that it is 20.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const repository = join(import.meta.dirname, '..')
const PRETEND_20 = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.19.0'})"

const TELLING = `
if (process.argv[2] === 'wait') {
  process.on('SIGTERM', () => process.exit(7))
  setInterval(() => {}, 1000)
} else process.exitCode = 5
process.stdout.write(JSON.stringify({ node: process.versions.node, arguments: process.argv.slice(2) }) + '\\n')
`

describe('wardian', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'wardian-launcher-'))
    mkdirSync(join(root, 'bin'))
    cpSync(join(repository, 'bin/wardian.mjs'), join(root, 'bin/wardian.mjs'))
    cpSync(join(repository, 'package.json'), join(root, 'package.json'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  function build(): void {
    const file = join(root, 'out/node/src/main/cli/main.js')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, TELLING)
  }

  function installNode(): void {
    mkdirSync(join(root, 'node_modules'))
    symlinkSync(join(repository, 'node_modules/node'), join(root, 'node_modules/node'), 'junction')
  }

  /** Starts it; `onOutput` runs at its first output. */
  function start(
    nodeFlags: readonly string[],
    args: readonly string[],
    onOutput: (kill: () => void) => void = () => undefined,
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [...nodeFlags, join(root, 'bin/wardian.mjs'), ...args], {
        env: { ...process.env, NODE_COMPILE_CACHE: undefined, XDG_CACHE_HOME: join(root, 'cache') },
      })
      let stdout = ''
      let stderr = ''
      child.stdout.on('data', (chunk: Buffer) => {
        if (stdout === '') onOutput(() => child.kill('SIGTERM'))
        stdout += chunk.toString()
      })
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
      child.on('error', reject)
      child.on('close', (code) => resolve({ code, stdout, stderr }))
    })
  }

  it('says how to build it when it is not built', async () => {
    expect(await start([], [])).toMatchObject({ code: 1, stderr: expect.stringContaining('npm run build') })
  })

  it('runs the command line with its arguments and exit code', async () => {
    build()
    const { code, stdout } = await start([], ['query', '--json', 'a b'])
    expect(JSON.parse(stdout)).toMatchObject({ arguments: ['query', '--json', 'a b'] })
    expect(code).toBe(5)
  })

  it('keeps what was compiled among what the user can do without', async () => {
    build()
    await start([], [])
    expect(readdirSync(join(root, 'cache/wardian/compiled'))).toHaveLength(1)
  })

  it('runs where nothing can be kept', async () => {
    build()
    writeFileSync(join(root, 'cache'), 'not a folder')
    expect(await start([], [])).toMatchObject({ code: 5, stderr: '' })
  })

  it('hands over to the installed Node when run by one that is too old', async () => {
    build()
    installNode()
    const { code, stdout } = await start(['--import', PRETEND_20], ['serve'])
    expect(JSON.parse(stdout)).toEqual({ node: process.versions.node, arguments: ['serve'] })
    expect(code).toBe(5)
  })

  it('passes signals on to the Node it handed over to', async () => {
    build()
    installNode()
    const { code } = await start(['--import', PRETEND_20], ['wait'], (kill) => kill())
    expect(code).toBe(7)
  })

  it('says which Node it needs when there is none to hand over to', async () => {
    build()
    const { code, stderr } = await start(['--import', PRETEND_20], [])
    expect(code).toBe(1)
    expect(stderr).toMatch(/needs Node 22\.15 or newer; this is 20\.19\.0/)
    expect(stderr).not.toContain('npm ci')
    writeFileSync(join(root, 'package-lock.json'), '{}')
    expect((await start(['--import', PRETEND_20], [])).stderr).toContain('npm ci')
  })
})
