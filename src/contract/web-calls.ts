/**
 * The rows of the workbench contract that are about the web endpoint and its tokens. Who is connected to it is asked
 * as of any endpoint, by its id. No behaviour.
 */

import { call, event } from './contract-table.ts'
import { array, integer, nothing, nullable, object, string } from './schema.ts'
import {
  tokenWishSchema,
  webEndpointOptionsSchema,
  webEndpointSchema,
  webTokenSchema,
  webTokensMax,
} from './web-endpoint.ts'

export const webCalls = {
  'web.describe': call({ params: nothing, result: webEndpointSchema }),
  /**
   * Answers when it listens. `port` null: the one that is kept; 0: any free one, which is not kept. Throws `in-use`,
   * `permission-denied`, `invalid-argument`.
   */
  'web.start': call({ params: object({ port: nullable(integer(0, 65_535)) }), result: webEndpointSchema }),
  /** Says goodbye to its clients; answers when they are gone. */
  'web.stop': call({ params: nothing, result: webEndpointSchema }),
  /** Keeps the options; one that listens is stopped and started again where it has to be. */
  'web.configure': call({ params: webEndpointOptionsSchema, result: webEndpointSchema }),
  'web.didChange': event(webEndpointSchema),

  'web.tokens': call({ params: nothing, result: array(webTokenSchema, webTokensMax) }),
  /** `secret` is told this once, and kept by nobody. Throws `limit-exceeded`, `not-found`. */
  'web.createToken': call({
    params: tokenWishSchema,
    result: object({ token: webTokenSchema, secret: string(128, 1) }),
  }),
  /** Closes what it has let in, at once. Throws `not-found`. */
  'web.revokeToken': call({ params: object({ tokenId: string(64, 1) }), result: nothing }),
  /** One was made, used for the first time in a while, or revoked. */
  'web.didChangeTokens': event(nothing),
} as const
