/** The rows of the storage contract that keep how the web endpoint is set, and its tokens. No behaviour. */

import { call } from '../../contract/contract-table.ts'
import { array, integer, nothing, object, string, type Infer } from '../../contract/schema.ts'
import { webEndpointOptionsSchema, webTokenSchema, webTokensMax } from '../../contract/web-endpoint.ts'

/** A token as it is kept: `hash` is SHA-256 of its text, in hexadecimal digits. */
export const keptTokenSchema = object({ token: webTokenSchema, hash: string(64, 64) })
export type KeptToken = Infer<typeof keptTokenSchema>

export const webStoreCalls = {
  /** The default where it was never set. */
  'web.getOptions': call({ params: nothing, result: webEndpointOptionsSchema }),
  'web.setOptions': call({ params: webEndpointOptionsSchema, result: nothing }),
  'web.listTokens': call({ params: nothing, result: array(keptTokenSchema, webTokensMax) }),
  'web.addToken': call({ params: keptTokenSchema, result: nothing }),
  'web.removeToken': call({ params: object({ tokenId: string(64, 1) }), result: nothing }),
  'web.noteTokenUse': call({
    params: object({ tokenId: string(64, 1), usedAtMs: integer(0) }),
    result: nothing,
  }),
} as const
