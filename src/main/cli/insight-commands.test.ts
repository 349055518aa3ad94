/**
 * Goal: `wardian top`, `stats` and `report` ask for what was meant, print what the host tells, and write whole files.
 * Method: a host with scripted answers.
 */

import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import { Reply, type Handlers } from '../../rpc/handlers.ts'
import { captureTerminal } from '../../../test/support/captured-terminal.ts'
import { workbenchExamples } from '../../../test/support/contract-examples.ts'
import { exampleInstance } from '../../../test/support/example-instance.ts'
import { exampleHealth, exampleIndexes, exampleTables } from '../../../test/support/insight-examples.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { ScriptedHost } from '../../../test/support/scripted-host.ts'
import type { HostOptions } from '../host/host-options.ts'
import { runCommandLine } from './command-line.ts'

expectNoLeaks()

const top = workbenchExamples['statistics.top'].result

async function run(args: readonly string[]) {
  const { terminal, stdout, stderr } = captureTerminal()
  const asked: Record<string, unknown> = {}
  const handlers: Partial<Handlers<WorkbenchContract>> = {
    'instance.list': () => Promise.resolve([exampleInstance]),
    'instance.start': () => Promise.resolve(exampleInstance),
    'statistics.top': (params) => {
      asked['top'] = params
      return Promise.resolve(top)
    },
    'insight.tables': () => Promise.resolve(exampleTables),
    'insight.indexes': () => Promise.resolve(exampleIndexes),
    'insight.health': () => Promise.resolve(exampleHealth),
    'insight.report': (params) => {
      asked['report'] = params
      const { buffer } = new TextEncoder().encode('the report')
      return Promise.resolve(new Reply({ fileName: 'a', mediaType: 'b' }, [buffer]))
    },
  }
  const context = {
    ...{ terminal, clock: systemClock, interrupt: new AbortController().signal },
    startHost: (options: HostOptions) => Promise.resolve(new ScriptedHost(options, handlers)),
  }
  const data = join(tmpdir(), randomUUID())
  const code = await runCommandLine(context, [...args, '--data', data])
  return { code, asked, stdout: stdout(), stderr: stderr() }
}

const { name } = exampleInstance

describe('wardian top', () => {
  it('lists statements, sorted as asked', async () => {
    const { code, asked, stdout } = await run([
      'top',
      name,
      '--by',
      'meanTime',
      '--since',
      '15m',
      '--limit',
      '5',
    ])
    expect(code).toBe(0)
    const { fromMs, toMs, ...wish } = asked['top'] as { fromMs: number; toMs: number }
    expect([toMs - fromMs, wish]).toEqual([
      900_000,
      { instanceId: exampleInstance.id, orderBy: 'meanTime', search: '', limit: 5 },
    ])
    expect(stdout).toMatch(/^TOTAL ms +SHARE +CALLS/)
  })

  it('prints one JSON document', async () => {
    const { stdout } = await run(['top', name, '--json'])
    expect(JSON.parse(stdout)).toEqual(top)
  })

  it.each([
    ['--since', 'yesterday'],
    ['--since', '0s'],
    ['--limit', '0'],
    ['--by', 'luck'],
  ])('refuses %s %s', async (flag, value) => {
    expect((await run(['top', name, flag, value])).code).toBe(2)
  })
})

describe('wardian stats', () => {
  it('tells of tables and of what could be better, with its undo', async () => {
    const { code, stdout, stderr } = await run(['stats', name])
    expect(code).toBe(0)
    expect(stdout).toContain('public.orders  2.9 MB')
    expect(stdout).toContain('Nothing has used public.orders_note_idx (likely)')
    expect(stdout).toContain(
      '    DROP INDEX public.orders_note_idx;\n    To undo: CREATE INDEX orders_note_idx',
    )
    expect(stderr).toContain('2 findings')
  })

  it('prints one JSON document', async () => {
    const { stdout } = await run(['stats', name, '--json'])
    const expected = { tables: exampleTables, indexes: exampleIndexes, health: exampleHealth }
    expect(JSON.parse(stdout)).toEqual(expected)
  })
})

describe('wardian report', () => {
  it.each([
    ['.html', [], 'html'],
    ['.json', [], 'json'],
    ['.csv', ['--part', 'tables'], 'csv'],
    ['', ['--format', 'json'], 'json'],
  ])('writes a file whose name ends in %j', async (end, flags, format) => {
    const file = join(tmpdir(), randomUUID() + end)
    try {
      const { code, asked } = await run(['report', name, '-o', file, ...flags])
      expect([code, asked['report']]).toEqual([0, expect.objectContaining({ format })])
      expect(readFileSync(file, 'utf8')).toBe('the report')
    } finally {
      rmSync(file, { force: true })
    }
  })

  it('prints it where the file is -', async () => {
    const { stdout } = await run(['report', name, '-o', '-'])
    expect(stdout).toBe('the report')
  })

  it('needs a file', async () => {
    expect((await run(['report', name])).code).toBe(2)
  })
})
