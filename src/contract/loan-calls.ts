/** The row of the workbench contract by which a command gets a database for as long as it runs. No behaviour. */

import { stream } from './contract-table.ts'
import { endpointConnectionSchema, endpointModes } from './endpoint.ts'
import { instanceSchema } from './instance.ts'
import { integer, nothing, nullable, object, oneOf, string, type Infer } from './schema.ts'

const id = string(64, 1)

export const loanWishSchema = object({
  endpointId: id,
  /**
   * `instance`: the one of `instanceId`. `copy`: a copy of it, in memory. `new`: an empty one, in memory. What is in
   * memory is deleted when the loan ends.
   */
  use: oneOf('instance', 'copy', 'new'),
  /** null with `new`. */
  instanceId: nullable(id),
  /** null: as it is set. */
  mode: nullable(oneOf(...endpointModes)),
  /** For the start of an endpoint that does not listen. null: the one that is kept. 0: any free one, not kept. */
  port: nullable(integer(0, 65_535)),
})
export type LoanWish = Infer<typeof loanWishSchema>

export const loanSchema = object({ instance: instanceSchema, connection: endpointConnectionSchema })
export type Loan = Infer<typeof loanSchema>

export const loanCalls = {
  /**
   * The endpoint listens while the stream is open, and one chunk says how to connect. It ends with the stream, however
   * the client has ended, unless somebody had started it before or does so meanwhile. Fails with `closed` when it is
   * stopped, with `conflict` when it listens in another mode.
   */
  'endpoint.lend': stream({ params: loanWishSchema, chunk: loanSchema, result: nothing }),
}
