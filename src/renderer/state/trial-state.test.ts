/** Trying and applying scripts from a tab, against a host over a real port: what is asked, and what is shown of it. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { TryReport } from '../../contract/try-report.ts'
import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import type { Handlers } from '../../rpc/handlers.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { MemoryWorkbench } from '../../../test/support/memory-workbench.ts'
import { exampleTryApplied, exampleTryReport } from '../../../test/support/try-examples.ts'
import { WorkbenchClient } from '../client/workbench-client.ts'
import { ConsoleState } from './console-state.ts'
import type { ConsoleTab } from './console-tab.ts'
import { trialPaneId, type TabTrial } from './tab-trial.ts'
import { TrialState } from './trial-state.ts'

expectNoLeaks()

const good: TryReport = { ...exampleTryReport, wouldSucceed: true, failure: null }

describe('trials of a window', () => {
  const asked: unknown[] = []
  let handlers: Partial<Handlers<WorkbenchContract>> = {}
  let client: WorkbenchClient
  let consoles: ConsoleState
  let trials: TrialState
  let tab: ConsoleTab
  let trial: TabTrial

  beforeEach(async () => {
    asked.length = 0
    handlers = {
      'try.run': async function* (params) {
        asked.push([params.instanceId, params.sessionId, params.source, params.mode])
        yield { value: { kind: 'step', step: 'running', index: 0, count: 2 } }
        return good
      },
      'try.apply': async function* (params) {
        asked.push([params.sha256, params.position, params.inOneTransaction, params.despiteWrites])
        yield { value: { kind: 'step', step: 'applying', index: 0, count: 2 } }
        return { ...exampleTryApplied, failure: null }
      },
    }
    const host = new MemoryWorkbench({
      'try.run': (...args) => ask('try.run')(...args),
      'try.apply': (...args) => ask('try.apply')(...args),
    })
    client = new WorkbenchClient(host)
    await client.connect()
    const clock = new TestClock()
    consoles = new ConsoleState(client, clock)
    trials = new TrialState(client, clock, consoles)
    tab = await consoles.create({ title: 'a', instanceId: 'i1' })
    trial = trials.of(tab)
  })

  afterEach(() => {
    trials.dispose()
    consoles.dispose()
    client.dispose()
  })

  function ask<N extends 'try.run' | 'try.apply'>(name: N): Handlers<WorkbenchContract>[N] {
    const handler = handlers[name]
    if (!handler) throw new WorkbenchError('unsupported', 'Not part of this test')
    return handler
  }

  /** The kinds of phases, in order, without those that come again. */
  function watch(): string[] {
    const kinds: string[] = []
    trial.phase.onDidChange(() => {
      const { kind } = trial.phase.value
      if (kinds.at(-1) !== kind) kinds.push(kind)
    })
    return kinds
  }

  it('shows what the script would do, then applies the same text', async () => {
    const kinds = watch()
    const applied: string[] = []
    trials.onDidApply((instanceId) => applied.push(instanceId))
    const text = `-- ${'x'.repeat(40)}\nselect 1`
    await trial.try({ text, start: 5 })
    expect(tab.frontPane.value).toBe(trialPaneId)
    expect(trial.phase.value).toEqual({ kind: 'tried', report: good })
    await trial.apply({ despiteWrites: false })
    expect(trial.phase.value).toMatchObject({ kind: 'applied', report: good })
    expect(kinds).toEqual(['trying', 'tried', 'applying', 'applied'])
    expect(applied).toEqual(['i1'])
    expect(asked).toEqual([
      ['i1', null, { kind: 'inline', text }, 'script'],
      [good.sha256, good.position, true, false],
    ])
    trial.discard()
    expect([trial.phase.value.kind, tab.frontPane.value]).toEqual(['none', 'messages'])
  })

  it('offers what is left when somebody has written meanwhile', async () => {
    await trial.try({ text: 'select 1', start: 0 })
    const { 'try.apply': apply } = handlers
    handlers = {
      ...handlers,
      'try.apply': async function* () {
        yield { value: { kind: 'step', step: 'applying', index: 0, count: 1 } }
        throw new WorkbenchError('conflict', 'Written to')
      },
    }
    await trial.apply({ despiteWrites: false })
    expect(trial.phase.value).toMatchObject({ kind: 'failed', error: { code: 'conflict' }, report: good })
    if (apply) handlers = { ...handlers, 'try.apply': apply }
    await trial.apply({ despiteWrites: true })
    expect(trial.phase.value.kind).toBe('applied')
    expect(asked.at(-1)).toEqual([good.sha256, good.position, true, true])
    await trial.again('transaction')
    expect(asked.at(-1)).toEqual(['i1', null, { kind: 'inline', text: 'select 1' }, 'transaction'])
  })

  it('ends what runs when it is cancelled, discarded, or its tab is closed', async () => {
    const left: string[] = []
    handlers = {
      'try.run': async function* (_params, { signal }) {
        yield { value: { kind: 'step', step: 'running', index: 0, count: 1 } }
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        left.push('ended')
        return good
      },
    }
    for (const end of [() => trial.cancel(), () => trial.discard(), () => trials.dispose()]) {
      const running = trial.try({ text: 'select 1', start: 0 })
      await expect
        .poll(() => trial.phase.value)
        .toMatchObject({ kind: 'trying', progress: { step: 'running' } })
      end()
      await running
    }
    await expect.poll(() => left.length).toBe(3)
  })

  it('is of one tab, and does nothing without a text or a database', async () => {
    await trial.try({ text: ' \n', start: 0 })
    expect(trial.phase.value.kind).toBe('none')
    const other = await consoles.create({ title: 'b', instanceId: null })
    await trials.of(other).try({ text: 'select 1', start: 0 })
    expect(trials.of(other).phase.value).toMatchObject({ kind: 'failed', error: { code: 'not-found' } })
    expect([trials.of(tab) === trial, trials.of(other) === trial]).toEqual([true, false])
    expect(asked).toEqual([])
  })
})
