/**
 * Goal: whatever happens to a statement, `wardian query` ends with the right code, its data on stdout and the rest
 * on stderr, and asks for no more rows than its reader takes. Method: a host with scripted answers.
 */

import { Writable, PassThrough } from 'node:stream'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { columnKinds } from '../../contract/column-batch.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import type { ColumnDescription, StatementEvent, StatementOutcome } from '../../contract/statement.ts'
import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import type { Handlers, StreamChunk } from '../../rpc/handlers.ts'
import { captureTerminal } from '../../../test/support/captured-terminal.ts'
import { encodeBatch } from '../../../test/support/encode-batch.ts'
import { exampleInstance } from '../../../test/support/example-instance.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { everySqlField } from '../../../test/support/probe-server.ts'
import { ScriptedHost } from '../../../test/support/scripted-host.ts'
import { runCommandLine } from './command-line.ts'
import { Terminal } from './terminal.ts'

expectNoLeaks()

const instance: Instance = exampleInstance

const columns: readonly ColumnDescription[] = [
  {
    name: 'n',
    kind: columnKinds.int32,
    typeOid: 23,
    typeModifier: -1,
    typeName: 'integer',
    tableOid: 0,
    columnNumber: 0,
  },
]

function outcome(changes: Partial<StatementOutcome> = {}): StatementOutcome {
  return {
    status: 'ok',
    commandTag: 'SELECT 2',
    rowCount: 2,
    resultBytes: 8,
    durationMs: 1.25,
    error: null,
    transaction: 'idle',
    ...changes,
  }
}

type Chunk = StreamChunk<StatementEvent>

function batch(firstRow: number, values: readonly number[]): Chunk {
  const buffers = [encodeBatch([{ kind: columnKinds.int32, values }], values.length)]
  return { value: { kind: 'batch', index: 0, firstRow, rowCount: values.length }, buffers }
}

const started: Chunk = { value: { kind: 'started', index: 0, count: 1, start: 0, length: 8 } }
const described: Chunk = { value: { kind: 'columns', index: 0, columns } }

function completed(changes: Partial<StatementOutcome> = {}): Chunk {
  return { value: { kind: 'completed', index: 0, outcome: outcome(changes) } }
}

type RunHandler = Handlers<WorkbenchContract>['statement.run']

/** Handlers whose `statement.run` gives `chunks`; what was asked is kept in `log`. */
function handlers(run: RunHandler, log: string[] = []): Partial<Handlers<WorkbenchContract>> {
  const session = {
    sessionId: 's1',
    instanceId: 'i1',
    title: '',
    activity: 'idle',
    transaction: 'idle',
    waitingFor: null,
    wasReset: false,
    resetReason: null,
  } as const
  const done = (what: string) => () => {
    log.push(what)
    return Promise.resolve(null)
  }
  return {
    'instance.list': () => Promise.resolve([instance]),
    'instance.start': () => Promise.resolve(instance),
    'session.open': () => Promise.resolve(session),
    'session.close': done('close'),
    'session.cancel': done('cancel'),
    'text.upload': ({ partIndex, isLast }, { buffers }) => {
      log.push(`part ${partIndex} of ${buffers[0]?.byteLength ?? 0} bytes${isLast ? ', the last' : ''}`)
      return Promise.resolve(null)
    },
    'statement.run': run,
  }
}

function giving(...chunks: Chunk[]): RunHandler {
  return async function* run() {
    await Promise.resolve()
    yield* chunks
    return { statementsRun: 1, statementsTotal: 1, durationMs: 1 }
  }
}

interface Setup {
  readonly args?: readonly string[]
  readonly sql?: string
  readonly log?: string[]
  readonly interrupt?: AbortSignal
  readonly terminal?: Terminal
  readonly others?: Partial<Handlers<WorkbenchContract>>
}

const deleted = { code: 'closed', message: 'The instance was deleted', sql: null } as const

async function query(
  run: RunHandler,
  setup: Setup = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const captured = captureTerminal()
  const directory = join(tmpdir(), `wardian-none-${randomUUID()}`)
  const code = await runCommandLine(
    {
      terminal: setup.terminal ?? captured.terminal,
      clock: systemClock,
      startHost: (options) =>
        Promise.resolve(new ScriptedHost(options, { ...handlers(run, setup.log), ...setup.others })),
      interrupt: setup.interrupt ?? new AbortController().signal,
    },
    ['query', 'shop', setup.sql ?? 'select n', '--data', directory, ...(setup.args ?? [])],
  )
  return { code, stdout: captured.stdout(), stderr: captured.stderr() }
}

describe('wardian query', () => {
  it('writes rows on stdout, and counts and times on stderr', async () => {
    const log: string[] = []
    // Made anew for each run, because its buffers are given away.
    const run = (): RunHandler => giving(started, described, batch(0, [1]), batch(1, [2]), completed())
    expect(await query(run(), { log })).toEqual({
      code: 0,
      stdout: ' n\n───\n 1\n 2\n',
      stderr: '2 rows, 1.3 ms\n',
    })
    expect(log).toEqual(['close'])
    const json = await query(run(), { args: ['--format', 'json'] })
    expect(JSON.parse(json.stdout)).toEqual([{ n: 1 }, { n: 2 }])
  })

  it('shows what an error says, with a caret, and ends with 1', async () => {
    const error = { code: 'sql-error', message: '', sql: { ...everySqlField, position: 8 } } as const
    const ended = await query(giving(started, completed({ status: 'failed', error })))
    expect(ended.code).toBe(1)
    expect(ended.stdout).toBe('')
    expect(ended.stderr).toMatch(/^error: 23505 duplicate key/)
    expect(ended.stderr).toContain('LINE 1: select n\n               ^\n')
    expect(ended.stderr).toContain('constraint: items_pkey')
  })

  it('leaves JSON open when the statement fails after rows', async () => {
    const error = { code: 'sql-error', message: '', sql: everySqlField } as const
    const run = giving(started, described, batch(0, [1]), completed({ status: 'failed', error }))
    const { code, stdout } = await query(run, { args: ['--format', 'json'] })
    expect(code).toBe(1)
    expect(stdout).toBe('[\n{"n":1}')
  })

  it('says which statement of a script failed', async () => {
    const second: Chunk = { value: { kind: 'started', index: 1, count: 3, start: 10, length: 3 } }
    const error = { code: 'sql-error', message: '', sql: everySqlField } as const
    const { stderr } = await query(
      giving({ value: { kind: 'started', index: 0, count: 3, start: 0, length: 8 } }, completed(), second, {
        value: { kind: 'completed', index: 1, outcome: outcome({ status: 'failed', error }) },
      }),
    )
    expect(stderr).toContain('statement 1 of 3: SELECT 2, 1.3 ms\n')
    expect(stderr).toContain('statement 2 of 3: error: 23505')
  })

  it('tells for whom it waits, and what the server notes', async () => {
    const notice = { ...everySqlField, severity: 'NOTICE', position: null, internalQuery: null }
    const { code, stderr } = await query(
      giving(
        { value: { kind: 'waiting', holder: 'Console\u001b[2J 1', holderInTransaction: true } },
        started,
        { value: { kind: 'notice', index: 0, notice } },
        completed({ commandTag: 'DO', rowCount: 0 }),
      ),
    )
    expect(code).toBe(0)
    expect(stderr).toContain('Waiting for Console\\u001b[2J 1, which has an open transaction\n')
    expect(stderr).toContain('notice: 23505')
    expect(stderr).toContain('DO, 1.3 ms')
  })

  it('ends with 1 when the host cut the result', async () => {
    const run = giving(started, described, batch(0, [1]), completed({ status: 'cut', rowCount: 1 }))
    const { code, stderr } = await query(run)
    expect(code).toBe(1)
    expect(stderr).toContain('the host cut the result after 1 rows; read it in parts, with LIMIT')
  })

  it('asks for every row of every result', async () => {
    const asked: unknown[] = []
    const whole = giving(started, completed())
    await query((params, context) => {
      asked.push(params)
      return whole(params, context)
    })
    expect(asked).toMatchObject([{ resultBytesMax: Number.MAX_SAFE_INTEGER, resultsMax: null }])
  })

  it('names the instances there are when it is asked for another one', async () => {
    const captured = captureTerminal()
    const code = await runCommandLine(
      {
        terminal: captured.terminal,
        clock: systemClock,
        startHost: (options) => Promise.resolve(new ScriptedHost(options, handlers(giving()))),
        interrupt: new AbortController().signal,
      },
      ['query', 'shpo', 'select 1', '--data', join(tmpdir(), `wardian-none-${randomUUID()}`)],
    )
    expect(code).toBe(1)
    expect(captured.stderr()).toContain('no instance named shpo. There are: shop')
  })

  it('uploads a long script in parts', async () => {
    const log: string[] = []
    const sql = `select '${'é'.repeat(400_000)}'`
    const { code } = await query(giving(started, completed()), { sql, log })
    expect(code).toBe(0)
    expect(log).toEqual(['part 0 of 524288 bytes', 'part 1 of 275721 bytes, the last', 'close'])
  })
})

function afterTurns(turns: number, action: () => void): void {
  if (turns === 0) action()
  else setImmediate(() => afterTurns(turns - 1, action))
}

describe('interrupts and readers', () => {
  it('cancels the statement at the first interrupt and ends with 130', async () => {
    const interrupt = new AbortController()
    const log: string[] = []
    const cancelled = Promise.withResolvers<undefined>()
    const run: RunHandler = async function* run() {
      yield started
      interrupt.abort('SIGINT')
      await cancelled.promise
      yield completed({ status: 'cancelled', commandTag: null })
      return { statementsRun: 1, statementsTotal: 1, durationMs: 1 }
    }
    const watched = new Proxy(log, {
      set(target, key, value: unknown) {
        if (value === 'cancel') cancelled.resolve(undefined)
        return Reflect.set(target, key, value)
      },
    })
    const { code, stderr } = await query(run, { interrupt: interrupt.signal, log: watched })
    expect(code).toBe(130)
    expect(stderr).toBe('Cancelling…\n')
    expect(log).toEqual(['cancel', 'close'])
  })

  it('tells why the statement ended, although its session has gone with the instance', async () => {
    const gone = (): never => {
      throw new WorkbenchError('not-found', 'There is no such session')
    }
    const run = giving(started, completed({ status: 'failed', error: deleted, commandTag: null }))
    const { code, stderr } = await query(run, { others: { 'session.close': gone } })
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'error: The instance was deleted\n' })
  })

  it('stops asking for rows when its reader has gone, and calls that well', async () => {
    let produced = 0
    const run: RunHandler = async function* run() {
      yield started
      yield described
      for (; produced < 1_000; produced += 1) yield batch(produced, [produced])
      yield completed()
      return { statementsRun: 1, statementsTotal: 1, durationMs: 1 }
    }
    const stdout = new Writable({
      write(_part, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
      },
    })
    const streams = { stdin: new PassThrough().end(), stdout, stderr: new PassThrough().resume() }
    const terminal = new Terminal({ ...streams, environment: {} })
    const { code } = await query(run, { terminal, args: ['--format', 'csv'] })
    expect(code).toBe(0)
    expect(produced).toBeLessThan(20)
  })

  it('asks for no more rows than a slow reader takes', async () => {
    let produced = 0
    const run: RunHandler = async function* run() {
      yield started
      yield described
      for (; produced < 100; produced += 1) yield batch(produced, [produced])
      yield completed()
      return { statementsRun: 1, statementsTotal: 1, durationMs: 1 }
    }
    const taken: string[] = []
    let producedWhileStuck = 0
    const stdout = new Writable({
      highWaterMark: 1,
      write(part: Buffer, _encoding, done) {
        taken.push(part.toString())
        if (taken.length > 1) return done()
        // Stuck for so many turns that everything would have come if nothing held it back.
        afterTurns(1_000, () => {
          producedWhileStuck = produced
          done()
        })
      },
    })
    const streams = { stdin: new PassThrough().end(), stdout, stderr: new PassThrough().resume() }
    const terminal = new Terminal({ ...streams, environment: {} })
    const { code } = await query(run, { terminal, args: ['--format', 'ndjson'] })
    expect(code).toBe(0)
    expect(taken).toHaveLength(100)
    expect(producedWhileStuck).toBeLessThan(8)
  })
})
