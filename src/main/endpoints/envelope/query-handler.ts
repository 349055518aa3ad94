/** The request `query` (docs/protocol.md, "Requests"). */

import { readQueryData } from '../../../protocol/request-data.ts'
import { QueryJob } from './query-job.ts'
import type { RequestHandler } from './request-handler.ts'

export const handleQuery: RequestHandler = (request, peer) => {
  const data = readQueryData(request.data)
  const session = peer.sessionOf(request)
  session.enqueue(
    new QueryJob({
      ...{ session, request, data, encoder: peer.makeEncoder(), isBinary: peer.encoding === 'msgpack' },
      onDefect: (error) => peer.onDefect(error),
    }),
  )
}
