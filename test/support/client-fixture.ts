/**
 * Clients of a host, as a window or a command would be one: connects over memory ports whose messages are as
 * large as a window's may be, runs SQL and gathers what comes. Knows no engine.
 */

import { ColumnBatch } from '../../src/contract/column-batch.ts'
import type { CacheUse } from '../../src/contract/cache.ts'
import type { SqlErrorFields } from '../../src/contract/error.ts'
import type { StatementEvent, StatementOutcome } from '../../src/contract/statement.ts'
import { workbenchContract, type WorkbenchContract } from '../../src/contract/workbench-contract.ts'
import type { WorkbenchHost } from '../../src/main/host/workbench-host.ts'
import { createMemoryPorts } from '../../src/rpc/memory-port.ts'
import { clientPortLimits } from '../../src/rpc/message-codec.ts'
import { connectContract, type ContractClient } from '../../src/rpc/rpc-client.ts'
import { rowsOf } from './engine-fixture.ts'

export type WorkbenchClient = ContractClient<WorkbenchContract>

export function connect(host: WorkbenchHost): WorkbenchClient {
  const [near, far] = createMemoryPorts(clientPortLimits)
  host.attach(far)
  return connectContract(workbenchContract, near)
}

/** What came of one statement of a script. */
export interface StatementSeen {
  readonly start: number
  readonly length: number
  readonly rows: (string | null)[][]
  readonly notices: SqlErrorFields[]
  outcome: StatementOutcome | null
}

export interface RunSeen {
  readonly statements: StatementSeen[]
  readonly waitedFor: string[]
}

export interface RunOptions {
  readonly mode?: 'statement' | 'script'
  readonly resultBytesMax?: number
  readonly resultsMax?: number
  readonly useCache?: CacheUse
  readonly onEvent?: (event: StatementEvent) => void
}

/** One session of a client. */
export class Console {
  readonly client: WorkbenchClient
  readonly sessionId: string

  static async open(client: WorkbenchClient, instanceId: string, title: string): Promise<Console> {
    const { sessionId } = await client.call('session.open', { instanceId, title })
    return new Console(client, sessionId)
  }

  constructor(client: WorkbenchClient, sessionId: string) {
    this.client = client
    this.sessionId = sessionId
  }

  /** Runs `text` and gathers everything. */
  async run(text: string, options: RunOptions = {}): Promise<RunSeen> {
    const { mode = 'statement', resultBytesMax = 64 << 20, resultsMax = null, onEvent, useCache } = options
    const stream = this.client.stream('statement.run', {
      ...{ sessionId: this.sessionId, mode, resultBytesMax, resultsMax, ...(useCache ? { useCache } : {}) },
      source: { kind: 'inline', text },
    })
    const seen: RunSeen = { statements: [], waitedFor: [] }
    for await (const { value, buffers } of stream) {
      gather(seen, value, buffers)
      onEvent?.(value)
    }
    return seen
  }

  /** Rows of one statement; throws what Postgres said if there was an error. */
  async rows(text: string): Promise<(string | null)[][]> {
    const [statement] = (await this.run(text)).statements
    const error = statement?.outcome?.error
    if (error) throw new Error(`${error.code}: ${error.message}`)
    return statement?.rows ?? []
  }

  /** Statuses of a script, in order. */
  async script(text: string): Promise<string[]> {
    const { statements } = await this.run(text, { mode: 'script' })
    return statements.map((statement) => statement.outcome?.status ?? 'unknown')
  }

  cancel(): Promise<null> {
    return this.client.call('session.cancel', { sessionId: this.sessionId })
  }

  close(): Promise<null> {
    return this.client.call('session.close', { sessionId: this.sessionId })
  }
}

function gather(seen: RunSeen, event: StatementEvent, buffers: readonly ArrayBuffer[]): void {
  if (event.kind === 'waiting') seen.waitedFor.push(event.holder)
  if (event.kind === 'started') {
    const { start, length } = event
    seen.statements.push({ start, length, rows: [], notices: [], outcome: null })
  }
  const statement = seen.statements.at(-1)
  if (!statement) return
  if (event.kind === 'batch')
    for (const buffer of buffers) statement.rows.push(...rowsOf(new ColumnBatch(buffer)))
  if (event.kind === 'notice') statement.notices.push(event.notice)
  if (event.kind === 'completed') statement.outcome = event.outcome
}
