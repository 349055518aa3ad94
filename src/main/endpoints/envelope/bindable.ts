/** Parameters as clients write them, as Bind takes them. */

import type { Parameter } from '../../../protocol/request-data.ts'

const none: readonly (string | null | Uint8Array)[] = []

/** JSON writes bytes as base64. */
export function bindable(params: readonly Parameter[] = none): readonly (string | null | Uint8Array)[] {
  return params.map((param) =>
    typeof param === 'object' && param !== null && 'base64' in param
      ? Buffer.from(param.base64, 'base64')
      : param,
  )
}
