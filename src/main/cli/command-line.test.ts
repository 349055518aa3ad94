/**
 * Goal: wrong usage, help and failures end as they should, on the right stream and with the right code. Method:
 * the program runs in the test with a terminal that keeps what it is told, and a host that cannot start.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { captureTerminal } from '../../../test/support/captured-terminal.ts'
import { runCommandLine } from './command-line.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardian-cli-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function run(
  args: readonly string[],
  input = '',
  interrupt = new AbortController().signal,
): Promise<Ended> {
  const captured = captureTerminal({ WARDIAN_DATA: folder, PATH: '' }, input)
  const code = await runCommandLine(
    {
      terminal: captured.terminal,
      clock: systemClock,
      startHost: () => Promise.reject(new WorkbenchError('permission-denied', 'no host here')),
      interrupt,
    },
    args,
  )
  return { code, stdout: captured.stdout(), stderr: captured.stderr() }
}

const commands = [
  'app',
  'serve',
  'create',
  'list',
  'delete',
  'snapshot',
  'snapshots',
  'fork',
  'rewind',
  'query',
  'dump',
  'restore',
  'copy',
  'migrate',
  'rename',
  'start',
  'stop',
  'configure',
  'extensions',
  'extension',
  'open',
  'export',
  'import',
  'trash',
  'restore-deleted',
  'doctor',
]

describe('help', () => {
  it('of the program names every command and the exit codes, on stdout', async () => {
    const { code, stdout, stderr } = await run(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
    expect(stdout).toContain('130 interrupted')
    expect((await run(['help'])).stdout).toBe(stdout)
  })

  it.each(commands)('of %s names its options', async (command) => {
    const { code, stdout, stderr } = await run([command, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`wardian ${command}`)
    expect(stdout).toContain('--data <directory>')
  })

  it('has the version', async () => {
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('wrong usage', () => {
  it.each([
    [['--prot', '1'], "unknown option '--prot'\n(Did you mean --port?)"],
    [['serve', '--jsn'], "unknown option '--jsn'\n(Did you mean --json?)"],
    [['lits'], "unknown command 'lits'"],
    [['serve', 'extra'], 'too many arguments'],
    [['create'], "missing required argument 'name'"],
    [['create', 'a', 'b'], 'too many arguments'],
    [['query'], "missing required argument 'name'"],
    [['query', 'a', 'select 1', '--format', 'xml'], 'Allowed choices are table, csv, json, ndjson'],
    [['serve', '--port', '0'], 'A port is a whole number from 1 to 65535'],
    [['serve', '--port', '70000'], 'A port is a whole number'],
    [['serve', '--port', '1e3'], 'A port is a whole number'],
    [['serve', '--port'], 'argument missing'],
    [['list', '--data', ''], 'The path is empty'],
    [['create', ''], 'from 1 to 63 characters'],
    [['create', 'x'.repeat(64)], 'from 1 to 63 characters'],
    [['query', 'a'], "'-' to read it from stdin"],
    [['query', 'a', 'select 1', '--file', 'x.sql'], 'not both'],
  ])('%j ends with 2 and says what is wrong', async (args, message) => {
    const { code, stdout, stderr } = await run(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })

  it('takes --data before and after other options, and from the default command', async () => {
    const other = join(folder, 'other')
    expect((await run(['list', '--json', '--data', other])).stderr).toContain('no host here')
    expect((await run(['--data', other, '--no-open'])).stderr).toContain(`Starting Wardian on ${other}`)
  })
})

describe('failures', () => {
  it('end with 1 and one line on stderr', async () => {
    expect(await run(['list'])).toEqual({ code: 1, stdout: '', stderr: 'error: no host here\n' })
  })

  it('are told after an interrupt too', async () => {
    const { code, stderr } = await run(['list'], '', AbortSignal.abort('SIGTERM'))
    expect({ code, stderr }).toEqual({ code: 130, stderr: 'error: no host here\n' })
  })

  it('of a file that is not there, and of one that is no text, name it', async () => {
    const missing = join(folder, 'missing.sql')
    expect((await run(['query', 'a', '--file', missing])).stderr).toContain(`${missing} could not be read`)
    const { stderr } = await run(['query', 'a', '--file', process.execPath])
    expect(stderr).toMatch(/is not UTF-8|at most 128 MB/)
  })
})

describe('doctor', () => {
  it('finds something for every check, as JSON and as text', async () => {
    const { stdout } = await run(['doctor', '--json'])
    const report = JSON.parse(stdout) as { checks: { id: string; status: string; finding: string }[] }
    expect(report.checks.map(({ id }) => id)).toEqual([
      'node',
      'webassembly',
      'native module',
      'memory',
      'page',
      'browser',
      'electron',
      'port',
      'data directory',
      'privacy',
      'disk',
      'held by',
    ])
    for (const { finding } of report.checks) expect(finding).not.toBe('')
    expect(report.checks.find(({ id }) => id === 'webassembly')?.status).toBe('ok')
    expect(
      (await run(['doctor'])).stdout.split('\n').filter((line) => /^(ok|warn|FAIL) /.test(line)),
    ).toHaveLength(12)
  })

  it('fails, and says so, when the data directory cannot be one', async () => {
    const { code, stdout, stderr } = await run(['doctor', '--data', process.execPath, '--json'])
    expect(code).toBe(1)
    expect(stderr).toContain('data directory')
    const report = JSON.parse(stdout) as {
      ok: boolean
      checks: { id: string; status: string; advice: string }[]
    }
    expect(report.ok).toBe(false)
    expect(report.checks.find(({ id }) => id === 'data directory')).toMatchObject({
      status: 'fail',
      advice: 'Choose another place with --data',
    })
  })
})
