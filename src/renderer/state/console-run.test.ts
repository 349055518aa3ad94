/** Running statements from a tab, against a host over a real port: what is shown, when, and where errors go. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import type { SqlErrorFields } from '../../contract/error.ts'
import { scriptResultsShownMax } from '../../contract/limits.ts'
import type { StatementEvent, StatementOutcome } from '../../contract/statement.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import {
  emptyOutcome as ok,
  int4Batch as batch,
  int4Column as column,
} from '../../../test/support/int4-batch.ts'
import { MemoryWorkbench } from '../../../test/support/memory-workbench.ts'
import { WorkbenchClient } from '../client/workbench-client.ts'
import { messagesMax } from './console-run.ts'
import { ConsoleState } from './console-state.ts'
import type { ConsoleTab } from './console-tab.ts'

expectNoLeaks()

function sqlError(position: number | null): SqlErrorFields {
  const empty = { detail: null, hint: null, internalPosition: null, internalQuery: null, where: null }
  const names = { schema: null, table: null, column: null, dataType: null, constraint: null }
  const source = { file: null, line: null, routine: null }
  const message = 'column "nope" does not exist'
  return { severity: 'ERROR', code: '42703', message, position, ...empty, ...names, ...source }
}

function failedAt(position: number): StatementOutcome {
  const error = {
    code: 'sql-error',
    message: 'column "nope" does not exist',
    sql: sqlError(position),
  } as const
  return { ...ok, status: 'failed', commandTag: null, rowCount: 0, error }
}

const started = (start: number, length: number): StatementEvent => ({
  kind: 'started',
  index: 0,
  count: 1,
  start,
  length,
})

describe('running a statement', () => {
  let host: MemoryWorkbench
  let client: WorkbenchClient
  let consoles: ConsoleState
  let tab: ConsoleTab

  beforeEach(async () => {
    host = new MemoryWorkbench()
    client = new WorkbenchClient(host)
    await client.connect()
    consoles = new ConsoleState(client, new TestClock())
    tab = await consoles.create({ title: 'a', instanceId: 'i1' })
  })

  afterEach(() => {
    consoles.dispose()
    client.dispose()
  })

  const run = (text: string): Promise<void> => tab.run({ text, start: 0, mode: 'statement' })

  function answerRows(rows: number): void {
    host.runStatement = async function* () {
      yield { value: started(0, 8) }
      yield { value: { kind: 'columns', index: 0, columns: [column] } }
      yield { value: { kind: 'batch', index: 0, firstRow: 0, rowCount: rows }, buffers: [batch(rows)] }
      yield { value: { kind: 'completed', index: 0, outcome: { ...ok, rowCount: rows } } }
    }
  }

  it('shows its rows in front, and opens one session for all runs of the tab', async () => {
    answerRows(3)
    await run('select 1')
    await run('select 1')
    const [result] = tab.shown.value.results
    expect(result?.rowCount).toBe(3)
    expect(tab.frontPane.value).toBe(result?.id)
    expect(tab.messages.value.map(({ kind }) => kind)).toEqual(['completed'])
    expect(host.calls.filter((name) => name === 'session.open')).toHaveLength(1)
    expect(tab.progress.value.phase).toBe('idle')
  })

  it('shows the first results of a long script, and says that there are more', async () => {
    const count = messagesMax + scriptResultsShownMax + 2
    const asked: (number | null)[] = []
    host.runStatement = async function* (params) {
      asked.push(params.resultsMax)
      for (let index = 0; index < count; index++) {
        yield { value: { kind: 'started', index, count, start: 0, length: 8 } }
        if (index >= messagesMax) {
          yield { value: { kind: 'columns', index, columns: [column] } }
          if (index < count - 2) {
            yield { value: { kind: 'batch', index, firstRow: 0, rowCount: 1 }, buffers: [batch(1)] }
          }
        }
        yield { value: { kind: 'completed', index, outcome: { ...ok, rowCount: 1 } } }
      }
    }
    await run('select 1')
    expect(tab.shown.value.results.map(({ rowCount }) => rowCount)).toEqual(
      Array.from({ length: scriptResultsShownMax }, () => 1),
    )
    const remarks = tab.messages.value.filter(({ kind }) => kind === 'remark')
    expect(remarks).toMatchObject([{ text: expect.stringContaining('Only the first 100 results') }])
    expect(asked).toEqual([scriptResultsShownMax])
  })

  it('keeps the old result, marked stale, until the first new rows are there', async () => {
    answerRows(1)
    await run('select 1')
    const old = tab.shown.value.results[0]
    const seen: (readonly [boolean, boolean])[] = []
    host.runStatement = async function* () {
      seen.push([tab.shown.value.results[0] === old, tab.shown.value.isStale])
      yield { value: started(0, 8) }
      yield { value: { kind: 'columns', index: 0, columns: [column] } }
      seen.push([tab.shown.value.results[0] === old, tab.shown.value.isStale])
      yield { value: { kind: 'batch', index: 0, firstRow: 0, rowCount: 2 }, buffers: [batch(2)] }
      yield { value: { kind: 'completed', index: 0, outcome: ok } }
    }
    await run('select 2')
    expect(seen).toEqual([
      [true, true],
      [true, true],
    ])
    expect(tab.shown.value.results[0]).not.toBe(old)
    expect(tab.shown.value.isStale).toBe(false)
  })

  it('marks the token of an error in the document, also when text before it changed meanwhile', async () => {
    const text = "select '😀';\nselect nope"
    host.runStatement = async function* () {
      yield { value: started(13, 11) }
      tab.didEdit([{ offset: 0, deleted: 0, inserted: '-- more\n' }])
      yield { value: { kind: 'completed', index: 0, outcome: failedAt(8) } }
    }
    await tab.run({ text, start: 100, mode: 'script' })
    expect(tab.errorMark.value?.span).toEqual({ start: 100 + 13 + 7 + 8, length: 4 })
    expect(tab.frontPane.value).toBe('messages')
    expect(tab.messages.value[0]).toMatchObject({ kind: 'failed', statement: 'select nope' })
  })

  it('shows no result for a statement that failed before its first row', async () => {
    host.runStatement = async function* () {
      yield { value: started(0, 8) }
      yield { value: { kind: 'columns', index: 0, columns: [column] } }
      yield { value: { kind: 'completed', index: 0, outcome: failedAt(1) } }
    }
    await run('select 1')
    expect(tab.shown.value.results).toEqual([])
    host.runStatement = async function* () {
      yield { value: started(0, 8) }
      yield { value: { kind: 'columns', index: 0, columns: [column] } }
      yield { value: { kind: 'batch', index: 0, firstRow: 0, rowCount: 2 }, buffers: [batch(2)] }
      yield { value: { kind: 'completed', index: 0, outcome: { ...failedAt(1), rowCount: 2 } } }
    }
    await run('select 1')
    expect(tab.shown.value.results[0]?.rowCount).toBe(2)
    expect(tab.frontPane.value).toBe('messages')
  })

  it('says that the engine was restarted below the error that made it necessary', async () => {
    host.runStatement = async function* () {
      yield { value: started(0, 8) }
      const sessionId = tab.session.value?.sessionId ?? ''
      const state = { sessionId, instanceId: 'i1', title: 'a', waitingFor: null } as const
      host.emit('session.didChange', {
        ...state,
        activity: 'running',
        transaction: 'idle',
        wasReset: true,
        resetReason: null,
      })
      yield { value: { kind: 'completed', index: 0, outcome: failedAt(1) } }
    }
    await run('select 1')
    expect(tab.messages.value.map(({ kind }) => kind)).toEqual(['failed', 'remark'])
    answerRows(1)
    await run('select 1')
    expect(tab.messages.value.map(({ kind }) => kind)).toEqual(['completed'])
  })

  it('says why it broke off when the host goes away, and opens a new session next time', async () => {
    host.runStatement = async function* () {
      yield { value: started(0, 8) }
      host.drop()
      await new Promise<void>((resolve) => client.onDidChangeStatus(() => resolve()))
    }
    await run('select 1')
    expect(tab.summary.value?.failure?.code).toBe('disconnected')
    expect(tab.session.value).toBeNull()
    answerRows(1)
    await client.connect()
    await run('select 1')
    expect(tab.summary.value?.failure).toBeNull()
    expect(host.calls.filter((name) => name === 'session.open')).toHaveLength(2)
  })

  it('uploads a long text instead of sending it in one message', async () => {
    const kinds: string[] = []
    host.runStatement = async function* ({ source }) {
      kinds.push(source.kind)
      yield { value: { kind: 'completed', index: 0, outcome: ok } }
    }
    await run(`select '${'\u0001'.repeat(200_000)}'`)
    await run('select 1')
    expect(kinds).toEqual(['uploaded', 'inline'])
  })

  it('does not begin when it was cancelled while its session was being opened', async () => {
    host.beforeCall = async (name) => {
      if (name === 'session.open') await tab.cancel()
    }
    await run('select 1')
    expect(host.calls).not.toContain('statement.run')
    expect(tab.summary.value?.failure?.code).toBe('cancelled')
  })
})
