/**
 * What the app around the window asks of the workbench, done; and what the workbench tells the app: how many things
 * run, and what has ended. In a served page nothing of it happens.
 */

import { DisposableStore, onDispose, type Disposable } from '../../base/disposable.ts'
import type { ShellRequest } from '../../contract/shell-request.ts'
import type { RunSummary } from '../state/console-model.ts'
import type { ConsoleTab } from '../state/console-tab.ts'
import type { EndedRun } from '../state/shell-state.ts'
import type { Workbench } from '../state/workbench.ts'
import { describeOutcome } from './status-words.ts'

/** Joins them until the result is disposed. */
export function linkShell(workbench: Workbench): Disposable {
  const link = new DisposableStore()
  link.add(workbench.shell.onDidRequest((request) => workbench.attempt(() => fulfil(workbench, request))))
  if (workbench.shell.isThere) {
    link.add(watchRuns(workbench))
    const count = (): void => workbench.shell.setJobCount(jobCount(workbench))
    link.add(workbench.carry.running.onDidChange(count))
    link.add(workbench.transfers.running.onDidChange(count))
  }
  return link
}

/** Does what the window was asked to do; throws what hinders it. */
async function fulfil(workbench: Workbench, request: ShellRequest): Promise<void> {
  switch (request.kind) {
    case 'sql':
      return workbench.openSqlText(request.name, request.text)
    case 'archive':
      return workbench.shell.offered.set({ kind: 'import', path: request.file })
    case 'directory':
      return workbench.shell.offered.set({ kind: 'open-directory', path: request.directory })
    case 'instance':
      return showInstance(workbench, request.name)
    case 'page':
      return workbench.layout.showPage(request.page)
    case 'command':
      workbench.commands.run(request.id)
      return
    case 'problem':
      return workbench.toasts.notice(request.message)
  }
}

async function showInstance(
  { instances, layout, toasts, instancePage }: Workbench,
  name: string,
): Promise<void> {
  const wanted = name.toLowerCase()
  const instance = instances.instances.value.find((each) => each.name.toLowerCase() === wanted)
  if (!instance) return toasts.notice(`A link asked for the database ${name}, which is not here`)
  // Shown and not started: a link is anybody's.
  instancePage.select(instance.id)
  layout.showPage('instances')
}

function jobCount({ consoles, carry, transfers }: Workbench): number {
  const running = consoles.tabs.value.filter((tab) => tab.isRunning).length
  return running + carry.running.value.length + (transfers.running.value === null ? 0 : 1)
}

function watchRuns(workbench: Workbench): Disposable {
  const { consoles, shell } = workbench
  const watches = new Map<ConsoleTab, Disposable>()
  const watch = (tab: ConsoleTab): Disposable => {
    let wasRunning = false
    const each = new DisposableStore()
    each.add(
      tab.progress.onDidChange(() => {
        if (tab.isRunning === wasRunning) return
        wasRunning = tab.isRunning
        shell.setJobCount(jobCount(workbench))
      }),
    )
    each.add(
      tab.summary.onDidChange(() => {
        const { value } = tab.summary
        if (value) shell.didEndRun(endedRun(tab.label.value.title, value))
      }),
    )
    return each
  }
  const follow = (): void => {
    const tabs = consoles.tabs.value
    for (const [tab, known] of watches) {
      if (tabs.includes(tab)) continue
      known.dispose()
      watches.delete(tab)
    }
    for (const tab of tabs) if (!watches.has(tab)) watches.set(tab, watch(tab))
  }
  follow()
  const following = consoles.tabs.onDidChange(follow)
  return onDispose('shell-runs', () => {
    following.dispose()
    for (const known of watches.values()) known.dispose()
  })
}

function endedRun(title: string, { durationMs, outcome, failure }: RunSummary): EndedRun {
  const status = failure ? (failure.code === 'cancelled' ? 'cancelled' : 'failed') : outcome?.status
  return {
    title: title.slice(0, 256),
    durationMs,
    outcome: status === 'failed' || status === 'cancelled' ? status : 'ok',
    words: outcome ? describeOutcome(outcome).slice(0, 1_024) : '',
  }
}
