/**
 * Goal: on a data directory that may not be written, commands end with 1 and say what to do. Method: the real
 * program, as a user whom the permissions stop: root is none, so a test that root runs starts it as nobody, who
 * must be able to read this repository.
 */

import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** nobody and nogroup, on every system that has them by this number; no file belongs to them. */
const nobody = { uid: 65_534, gid: 65_534 }

const program = join(import.meta.dirname, '../src/main/cli/main.ts')

let root: string
let directory: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'wardian-unwritable-'))
  await chmod(root, 0o755)
  directory = join(root, 'data')
  await mkdir(directory)
})
afterEach(async () => {
  await chmod(directory, 0o700)
  await rm(root, { recursive: true, force: true })
})

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function wardian(...args: readonly string[]): Promise<Ended> {
  const user = process.getuid?.() === 0 ? nobody : {}
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      ...user,
      cwd: root,
      env: { PATH: '', HOME: root },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (part: Buffer) => (stdout += part.toString()))
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

describe('a data directory that may not be written', () => {
  it.each([
    ['can be read', 0o555, 'data'],
    ['can be read by its owner alone', 0o500, 'data'],
    ['does not exist, in one that may not be written', 0o555, 'data/new'],
  ])('and %s ends a command with 1 and says what to do', async (_, mode, name) => {
    await chmod(directory, mode)
    const { code, stdout, stderr } = await wardian('create', 'shop', '--json', '--data', join(root, name))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`error: ${join(root, name)}`)
    expect(stderr).toContain('correct its permissions or choose another directory with --data (EACCES')
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('of an instance that was made before is no damage: its owner and permissions are', async () => {
    await chmod(directory, 0o777)
    const made = await wardian('create', 'shop', '--data', directory)
    expect(made.code, made.stderr).toBe(0)
    const names = await readdir(directory, { recursive: true })
    const version = names.find((name) => name.endsWith('PG_VERSION') && !name.includes('base')) ?? ''
    const files = dirname(join(directory, version))
    await chmod(files, 0o555)
    const { code, stderr } = await wardian('query', 'shop', 'select 1', '--data', directory)
    await chmod(files, 0o700)
    expect(code).toBe(1)
    expect(stderr).toContain(`error: Postgres may not use its files in ${files} (`)
    expect(stderr).toContain('Permission denied); check their owner and permissions')
  }, 120_000)

  it('is what the doctor finds, with whom to give permission to what', async () => {
    await chmod(directory, 0o555)
    const { code, stdout } = await wardian('doctor', '--json', '--data', directory)
    expect(code).toBe(1)
    const report = JSON.parse(stdout) as { checks: { id: string }[] }
    expect(report.checks.find(({ id }) => id === 'data directory')).toEqual({
      id: 'data directory',
      status: 'fail',
      finding: `${directory} cannot be written: EACCES: permission denied, access '${directory}'`,
      advice: `Give yourself write permission on ${directory}, or choose another place with --data`,
    })
  })
})
