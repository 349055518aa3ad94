/**
 * A contract made for testing ports and both rpc ends, with one row for each thing that can happen to a request.
 * Knows no carrier.
 */

import { call, event, stream } from '../../src/contract/contract-table.ts'
import { array, integer, nothing, object, string } from '../../src/contract/schema.ts'

const label = string(100_000)

export const probeContract = {
  'probe.echo': call({ params: object({ text: label }), result: object({ text: label }) }),
  /** Answers the buffers it got, in reverse order. */
  'probe.echoBuffers': call({
    params: nothing,
    result: object({ lengths: array(integer(0), 4) }),
    buffersMax: 4,
  }),
  'probe.failSql': call({ params: nothing, result: nothing }),
  'probe.failDefect': call({ params: nothing, result: nothing }),
  /** Answers what the contract does not allow. */
  'probe.breakContract': call({ params: nothing, result: object({ text: label }) }),
  /** Ends only when it is aborted. */
  'probe.wait': call({ params: nothing, result: nothing }),
  /** Yields `count` chunks, each with a buffer of `bufferBytes` bytes filled with its index, or none if 0. */
  'probe.count': stream({
    params: object({ count: integer(0), bufferBytes: integer(0) }),
    chunk: object({ index: integer(0) }),
    result: object({ produced: integer(0) }),
    buffersMax: 1,
  }),
  /** Yields `count` chunks and fails. */
  'probe.countThenFail': stream({
    params: object({ count: integer(0) }),
    chunk: object({ index: integer(0) }),
    result: nothing,
  }),
  /** Yields nothing, and ends only when it is aborted. */
  'probe.stall': stream({ params: nothing, chunk: nothing, result: nothing }),
  /** Emits `probe.didTick` for 0 to `count` - 1, then answers. */
  'probe.tick': call({ params: object({ count: integer(0) }), result: nothing }),
  'probe.didTick': event(object({ index: integer(0) })),
  /** What the serving side has done so far. */
  'probe.state': call({
    params: nothing,
    result: object({
      chunksProduced: integer(0),
      waitsStarted: integer(0),
      waitsAborted: integer(0),
      generatorsReturned: integer(0),
      openRequests: integer(0),
      defects: array(label, 1_000),
    }),
  }),
  /** Closes the port from the serving side. */
  'probe.hangUp': call({ params: nothing, result: nothing }),
} as const

export type ProbeContract = typeof probeContract
