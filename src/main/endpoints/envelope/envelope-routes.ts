/**
 * The envelope protocol as a part of the web endpoint: its path, its sockets, and their end with the endpoint. Knows
 * no frame.
 */

import { createRowDecoder } from '../../../../native-wasm/js/create-row-decoder.ts'
import { closeCodes, messageBytesMax, subprotocols } from '../../../protocol/protocol-limits.ts'
import type { CreateWebRoutes } from '../web/web-access.ts'
import { envelopeHandlers } from './envelope-handlers.ts'
import { createLiveFeatures } from './live-features.ts'
import { EnvelopeSocket } from './envelope-socket.ts'

export const createEnvelopeRoutes: CreateWebRoutes = (context) => {
  const sockets = new Set<EnvelopeSocket>()
  const decoder = createRowDecoder()
  const features = createLiveFeatures(context)
  const handlers = features.once({ ...envelopeHandlers, ...features.handlers })
  let isClosed = false
  return {
    sockets: {
      '/v1': {
        subprotocols: Object.values(subprotocols),
        messageBytesMax,
        accept(accepted) {
          const { socket } = accepted
          const conversation = new EnvelopeSocket({
            ...{ context, accepted, decoder, handlers, extensions: [features.hello] },
          })
          sockets.add(conversation)
          socket.once('close', () => sockets.delete(conversation))
          if (isClosed) conversation.close(closeCodes.hostStops, 'The endpoint was stopped')
        },
      },
    },
    requests: {},
    async close() {
      isClosed = true
      features.dispose()
      const open = [...sockets]
      const closed = open.map(({ accepted }) => {
        return new Promise<void>((resolve) => accepted.socket.once('close', () => resolve()))
      })
      for (const socket of open) socket.close(closeCodes.hostStops, 'The endpoint was stopped')
      await Promise.all(closed)
    },
  }
}
