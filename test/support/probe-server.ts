/** Serves the probe contract over any port, and counts what happens to its requests. */

import type { Port } from '../../src/rpc/port.ts'
import { WorkbenchError, type SqlErrorFields } from '../../src/contract/error.ts'
import { Reply, type HandlerContext, type Handlers } from '../../src/rpc/handlers.ts'
import { serveContract, type ContractServer } from '../../src/rpc/rpc-server.ts'
import { probeContract, type ProbeContract } from './probe-contract.ts'

/** An error of which every field is filled. */
export const everySqlField: SqlErrorFields = {
  severity: 'ERROR',
  code: '23505',
  message: 'duplicate key value violates unique constraint "items_pkey"',
  detail: 'Key (id)=(1) already exists.',
  hint: 'Try "2" — or Ω.',
  position: 8,
  internalPosition: 3,
  internalQuery: 'insert into items',
  where: 'PL/pgSQL function f() line 3',
  schema: 'public',
  table: 'items',
  column: 'id',
  dataType: 'integer',
  constraint: 'items_pkey',
  file: 'nbtinsert.c',
  line: '666',
  routine: '_bt_check_unique',
}

/** What the handlers have done. */
interface ProbeCounters {
  chunksProduced: number
  waitsStarted: number
  waitsAborted: number
  generatorsReturned: number
  readonly defects: string[]
}

export function serveProbe(port: Port): ContractServer<ProbeContract> {
  const counters: ProbeCounters = {
    chunksProduced: 0,
    waitsStarted: 0,
    waitsAborted: 0,
    generatorsReturned: 0,
    defects: [],
  }
  const server: ContractServer<ProbeContract> = serveContract(probeContract, port, {
    handlers: probeHandlers(counters, () => server),
    onDefect: (error, name) => void counters.defects.push(`${name}: ${String(error)}`),
  })
  return server
}

async function aborted(signal: AbortSignal, counters: ProbeCounters): Promise<null> {
  counters.waitsStarted += 1
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }
  counters.waitsAborted += 1
  return null
}

function probeHandlers(
  counters: ProbeCounters,
  server: () => ContractServer<ProbeContract>,
): Handlers<ProbeContract> {
  return {
    'probe.echo': ({ text }) => Promise.resolve({ text }),
    'probe.echoBuffers': (_, { buffers }) => {
      const lengths = buffers.map((buffer) => buffer.byteLength)
      return Promise.resolve(new Reply({ lengths }, buffers.toReversed()))
    },
    'probe.failSql': () =>
      Promise.reject(new WorkbenchError('sql-error', everySqlField.message, { sql: everySqlField })),
    'probe.failDefect': () => {
      throw new TypeError('this probe is broken')
    },
    'probe.breakContract': () => Promise.resolve({ text: 7 as unknown as string }),
    'probe.wait': (_, { signal }) => aborted(signal, counters),
    'probe.count': (params) => count(params, counters),
    'probe.countThenFail': (params) => countThenFail(params, counters),
    'probe.stall': (_, context) => stall(context, counters),
    'probe.tick': ({ count: ticks }) => {
      for (let index = 0; index < ticks; index += 1) server().emit('probe.didTick', { index })
      return Promise.resolve(null)
    },
    'probe.state': () => Promise.resolve({ ...counters, openRequests: server().openRequestCount }),
    'probe.hangUp': () => {
      server().dispose()
      return Promise.resolve(null)
    },
  }
}

interface Chunk {
  readonly value: { readonly index: number }
  readonly buffers?: readonly ArrayBuffer[]
}

async function* count(
  params: { count: number; bufferBytes: number },
  counters: ProbeCounters,
): AsyncGenerator<Chunk, { produced: number }, void> {
  let produced = 0
  try {
    for (; produced < params.count; produced += 1) {
      counters.chunksProduced += 1
      yield { value: { index: produced }, buffers: filled(params.bufferBytes, produced) }
    }
    return { produced }
  } finally {
    counters.generatorsReturned += 1
  }
}

async function* countThenFail(
  params: { count: number },
  counters: ProbeCounters,
): AsyncGenerator<Chunk, null, void> {
  for await (const chunk of count({ count: params.count, bufferBytes: 0 }, counters)) yield chunk
  throw new WorkbenchError('sql-error', everySqlField.message, { sql: everySqlField })
}

async function* stall(
  { signal }: HandlerContext,
  counters: ProbeCounters,
): AsyncGenerator<{ value: null }, null, void> {
  await aborted(signal, counters)
  yield { value: null }
  return null
}

function filled(byteLength: number, index: number): ArrayBuffer[] {
  return byteLength === 0 ? [] : [new Uint8Array(byteLength).fill(index).buffer]
}
