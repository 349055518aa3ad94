/** The rows of web-calls.ts as functions of the host's parts. No decision. */

import type { webCalls } from '../../contract/web-calls.ts'
import type { Handlers } from '../../rpc/handlers.ts'
import type { HostParts } from './host-parts.ts'

export function webHandlers({ log, web }: HostParts): Handlers<typeof webCalls> {
  const { tokens } = web
  return {
    'web.describe': async () => web.describe(),
    'web.start': ({ port }) => web.start(port),
    'web.stop': () => web.stop(),
    'web.configure': (options) => web.configure(options),
    'web.tokens': async () => tokens.list(),
    'web.createToken': async (wish) => {
      const made = await tokens.create(wish)
      log.info(`A token was made: ${made.token.label} (${made.token.access}, ${made.token.role})`)
      return made
    },
    'web.revokeToken': async ({ tokenId }) => {
      const label = tokens.list().find(({ id }) => id === tokenId)?.label ?? ''
      await tokens.revoke(tokenId)
      log.info(`A token was revoked: ${label}`)
      return null
    },
  }
}
