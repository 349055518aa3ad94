/**
 * A host for tests of the renderer: serves the real contract over a real port, keeps workspace and tabs in memory,
 * and lets a test say what a statement does. Everything else answers `unsupported`.
 */

import type { NamesOf, PayloadOf } from '../../src/contract/contract-table.ts'
import { WorkbenchError } from '../../src/contract/error.ts'
import type { SessionState } from '../../src/contract/instance.ts'
import type { RunStatement, StatementEvent } from '../../src/contract/statement.ts'
import { workbenchContract, type WorkbenchContract } from '../../src/contract/workbench-contract.ts'
import type { TextEdit } from '../../src/contract/workspace.ts'
import { Reply, type Handlers } from '../../src/rpc/handlers.ts'
import { webExamples } from './web-examples.ts'
import { createMemoryPorts } from '../../src/rpc/memory-port.ts'
import { clientPortLimits } from '../../src/rpc/message-codec.ts'
import type { Port } from '../../src/rpc/port.ts'
import { serveContract, type ContractServer } from '../../src/rpc/rpc-server.ts'

/** A message takes at most a few turns from one end of a memory port to the other. */
const quietTurnsMin = 5

type WorkbenchHandlers = Handlers<WorkbenchContract>

/** What a statement does: events, each with its buffers, until the generator ends. */
export type StatementScript = (
  params: RunStatement,
) => AsyncGenerator<{ value: StatementEvent; buffers?: readonly ArrayBuffer[] }, void, void>

interface StoredTab {
  id: string
  title: string
  instanceId: string | null
  text: string
  version: number
  cursorOffset: number
}

export class MemoryWorkbench {
  readonly tabs: StoredTab[] = []
  readonly texts = new Map<string, readonly ArrayBuffer[]>()
  readonly calls: string[] = []
  /** Called before a call is answered; may throw, or wait. */
  beforeCall: (name: string) => void | Promise<void> = () => undefined
  runStatement: StatementScript = async function* () {}
  readonly #overrides: Partial<WorkbenchHandlers>
  readonly #servers = new Set<ContractServer<WorkbenchContract>>()
  #sessionCount = 0

  constructor(overrides: Partial<WorkbenchHandlers> = {}) {
    this.#overrides = overrides
  }

  /** A new port to this host; messages are as large as a window's may be. */
  open(): Promise<Port> {
    const [client, host] = createMemoryPorts(clientPortLimits)
    this.serve(host)
    return Promise.resolve(client)
  }

  /** Answers on `port` until it closes. */
  serve(port: Port): void {
    const server = serveContract(workbenchContract, port, { handlers: this.#handlers() })
    this.#servers.add(server)
    server.connection.onDidClose(() => this.#servers.delete(server))
  }

  /** Closes every connection, as a host that ends does. */
  drop(): void {
    for (const server of this.#servers) server.dispose()
  }

  /** Announces to every client. */
  emit<N extends NamesOf<WorkbenchContract, 'event'>>(
    name: N,
    payload: PayloadOf<WorkbenchContract[N]>,
  ): void {
    for (const server of this.#servers) server.emit(name, payload)
  }

  /** Resolves some turns of the event loop later: what was asked has arrived, answered or not. */
  async turn(): Promise<void> {
    for (let turn = 0; turn < quietTurnsMin; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }

  /** Resolves when nothing has been asked for some turns of the event loop, and every answer is out. */
  async idle(): Promise<void> {
    for (let quietTurns = 0; quietTurns < quietTurnsMin; quietTurns += 1) {
      const before = this.calls.length
      await new Promise((resolve) => setImmediate(resolve))
      const isBusy = [...this.#servers].some((server) => server.openRequestCount > 0)
      if (isBusy || this.calls.length > before) quietTurns = 0
    }
  }

  #handlers(): WorkbenchHandlers {
    const known: Partial<WorkbenchHandlers> = { ...this.#tabHandlers(), ...this.#overrides }
    const handlers = Object.keys(workbenchContract).map((name) => [name, this.#handler(name, known)])
    return Object.fromEntries(handlers) as WorkbenchHandlers
  }

  #handler(name: string, known: Partial<WorkbenchHandlers>): unknown {
    if (name === 'statement.run') return this.#run.bind(this)
    // A stream's handler is a generator, and not a promise of one.
    const isStream = Reflect.get(workbenchContract, name)?.kind === 'stream'
    if (isStream && Reflect.get(known, name)) return Reflect.get(known, name)
    return async (params: never, context: never): Promise<unknown> => {
      this.calls.push(name)
      await this.beforeCall(name)
      const handler = Reflect.get(known, name) as ((p: never, c: never) => Promise<unknown>) | undefined
      if (!handler) throw new WorkbenchError('unsupported', `${name} is not part of this test`)
      return handler(params, context)
    }
  }

  async *#run(params: RunStatement): ReturnType<WorkbenchHandlers['statement.run']> {
    this.calls.push('statement.run')
    yield* this.runStatement(params)
    return { statementsRun: 1, statementsTotal: 1, durationMs: 1 }
  }

  #tab(tabId: string): StoredTab {
    const tab = this.tabs.find(({ id }) => id === tabId)
    if (!tab) throw new WorkbenchError('not-found', 'There is no such tab')
    return tab
  }

  #tabHandlers(): Partial<WorkbenchHandlers> {
    return {
      ...this.#textHandlers(),
      'endpoint.list': () => Promise.resolve([]),
      'web.describe': () => Promise.resolve(webExamples['web.describe'].result),
      'web.tokens': () => Promise.resolve([]),
      'session.open': ({ instanceId, title }) => Promise.resolve(this.#session(instanceId, title)),
      'session.close': () => Promise.resolve(null),
      'session.cancel': () => Promise.resolve(null),
      'workspace.claim': () =>
        Promise.resolve({ id: 'w1', tabs: this.tabs.map(tabOf), activeTabId: null, layout: '' }),
      'workspace.setActiveTab': () => Promise.resolve(null),
      'tab.create': ({ title, instanceId }) => {
        const id = `t${this.tabs.length + 1}`
        const tab: StoredTab = { id, title, instanceId, text: '', version: 0, cursorOffset: 0 }
        this.tabs.push(tab)
        return Promise.resolve(tabOf(tab))
      },
      'tab.update': ({ tabId, title, instanceId }) =>
        Promise.resolve(tabOf(Object.assign(this.#tab(tabId), { title, instanceId }))),
      'tab.close': ({ tabId }) => {
        this.tabs.splice(this.tabs.indexOf(this.#tab(tabId)), 1)
        return Promise.resolve(null)
      },
    }
  }

  #textHandlers(): Partial<WorkbenchHandlers> {
    return {
      'text.upload': ({ textId }, { buffers }) => {
        this.texts.set(textId, [...(this.texts.get(textId) ?? []), ...buffers])
        return Promise.resolve(null)
      },
      'tab.read': ({ tabId }) => {
        const tab = this.#tab(tabId)
        const units = Uint16Array.from({ length: tab.text.length }, (_, at) => tab.text.charCodeAt(at))
        return Promise.resolve(new Reply(tabOf(tab), [units.buffer]))
      },
      'tab.edit': ({ tabId, version, edits }) => {
        const tab = this.#tab(tabId)
        if (version !== tab.version) throw new WorkbenchError('conflict', 'The text has changed')
        tab.text = applyEdits(tab.text, edits)
        tab.version += 1
        return Promise.resolve({ version: tab.version })
      },
      'tab.replaceText': ({ tabId, textId }) => {
        const tab = this.#tab(tabId)
        tab.text = (this.texts.get(textId) ?? []).map(unitsToText).join('')
        tab.version += 1
        return Promise.resolve({ version: tab.version })
      },
    }
  }

  #session(instanceId: string, title: string): SessionState {
    this.#sessionCount += 1
    return {
      sessionId: `s${this.#sessionCount}`,
      instanceId,
      title,
      activity: 'idle',
      transaction: 'idle',
      waitingFor: null,
      wasReset: false,
      resetReason: null,
    }
  }
}

/** `text` after `edits`, one after the other. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return edits.reduce(
    (before, { offset, deleted, inserted }) =>
      before.slice(0, offset) + inserted + before.slice(offset + deleted),
    text,
  )
}

function unitsToText(buffer: ArrayBuffer): string {
  return Array.from(new Uint16Array(buffer), (unit) => String.fromCharCode(unit)).join('')
}

function tabOf({ text, ...tab }: StoredTab): Omit<StoredTab, 'text'> & { textLength: number } {
  return { ...tab, textLength: text.length }
}
