/** The request `introspect` (docs/protocol.md, "Introspection"): what the catalogs say that the role may use. */

import { introspectionBytesMax } from '../../../protocol/protocol-limits.ts'
import { readIntrospectData, type IntrospectData } from '../../../protocol/subscription-data.ts'
import { dataEncoder } from './data-encoder.ts'
import { EnvelopeFailure } from './envelope-failure.ts'
import { IntrospectionRows } from './introspection-rows.ts'
import { introspectionSql } from './introspection-sql.ts'
import { enqueueScript } from './prepared-handlers.ts'
import type { RequestHandler } from './request-handler.ts'
import type { ScriptSession } from './script-job.ts'

export const handleIntrospect: RequestHandler = (request, peer) => {
  const data = readIntrospectData(request.data)
  enqueueScript(request, peer, async (on) => {
    const rows = new IntrospectionRows({
      ...{ bytesMax: introspectionBytesMax, encoder: dataEncoder(peer.encoding) },
      onOver: () => on.session.cancelStatement(),
      onPiece: (goOn) => on.rest(goOn),
    })
    if (await introspect(on, data, rows)) request.completeEncoded(rows.data)
  })

  async function introspect(
    on: ScriptSession,
    { schemas }: IntrospectData,
    sink: IntrospectionRows,
  ): Promise<boolean> {
    const result = await on.run({
      ...{ statement: on.session.statements.of(introspectionSql), sink },
      params: [schemas === undefined ? null : arrayText(schemas)],
    })
    if (sink.isOver) throw tooLarge()
    const error = on.errorOf(result)
    if (error) request.fail(error)
    return !error
  }
}

function tooLarge(): EnvelopeFailure {
  const bound = `${introspectionBytesMax >> 20} MiB`
  return new EnvelopeFailure(
    'result_too_large',
    `The catalogs tell of more than ${bound}; name the schemas that you need`,
  )
}

/** As array_in reads it (PostgreSQL 18 documentation, section 8.15.6). */
function arrayText(names: readonly string[]): string {
  return `{${names.map((name) => `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`
}
