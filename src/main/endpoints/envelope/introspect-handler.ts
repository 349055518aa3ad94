/** The request `introspect` (docs/protocol.md, "Requests"): what the catalogs say that the role may use. */

import { batchResultBytesMax } from '../../../protocol/protocol-limits.ts'
import { readIntrospectData, type IntrospectData } from '../../../protocol/subscription-data.ts'
import { EnvelopeFailure } from './envelope-failure.ts'
import { introspectionSql } from './introspection-sql.ts'
import type { LiveRequest } from './live-request.ts'
import type { RequestHandler } from './request-handler.ts'
import { ScriptJob, type ScriptSession } from './script-job.ts'

/**
 * A DataRow of one column: type, length, count, the length of its value (PostgreSQL 18 documentation, section 54.7).
 */
const valueOffset = 1 + 4 + 2 + 4

export const handleIntrospect: RequestHandler = (request, peer) => {
  const data = readIntrospectData(request.data)
  const session = peer.sessionOf(request)
  session.enqueue(
    new ScriptJob({
      ...{ session, request },
      script: (script) => introspect(script, request, data),
      onDefect: (error) => peer.onDefect(error),
    }),
  )
}

async function introspect(
  script: ScriptSession,
  request: LiveRequest,
  { schemas }: IntrospectData,
): Promise<void> {
  let answer = ''
  let isTooLarge = false
  const result = await script.run({
    statement: script.session.statements.of(introspectionSql),
    params: [schemas === undefined ? null : arrayText(schemas)],
    sink: {
      begin: () => undefined,
      row(bytes, { start, end }) {
        isTooLarge = end - start > batchResultBytesMax
        if (!isTooLarge) answer = bytes.toString('utf8', start + valueOffset, end)
        return true
      },
      end: () => true,
    },
  })
  const error = script.errorOf(result)
  if (error) request.fail(error)
  else if (isTooLarge) {
    const bound = `${batchResultBytesMax >> 20} MiB`
    throw new EnvelopeFailure(
      'result_too_large',
      `The answer has more than ${bound}; name the schemas that you need`,
    )
  } else request.complete({ schemas: JSON.parse(answer) as unknown })
}

/** As array_in reads it (PostgreSQL 18 documentation, section 8.15.6). */
function arrayText(names: readonly string[]): string {
  return `{${names.map((name) => `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`
}
