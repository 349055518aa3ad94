/** The options of an endpoint while somebody edits them as text, and what is wrong with that text. Pure. */

import {
  idleTransactionMsMax,
  idleTransactionMsMin,
  type Endpoint,
  type EndpointOptions,
} from '../../contract/endpoint.ts'

export interface OptionsDraft {
  readonly startsWithHost: boolean
  readonly port: string
  readonly socketDirectory: string
  readonly idleSeconds: string
  readonly tls: EndpointOptions['tls']
}

export type DraftProblems = Partial<Record<keyof OptionsDraft, string>>

const secondMs = 1_000
const portMax = 65_535

export function draftOf(options: EndpointOptions): OptionsDraft {
  const { startsWithHost, port, socketDirectory, idleTransactionMs, tls } = options
  return {
    ...{ startsWithHost, tls, socketDirectory: socketDirectory ?? '' },
    port: port === null ? '' : String(port),
    idleSeconds: String(idleTransactionMs / secondMs),
  }
}

/** What the draft says, or what is wrong with it. */
export function readDraft(
  draft: OptionsDraft,
): { readonly options: EndpointOptions } | { readonly problems: DraftProblems } {
  const port = wholeNumber(draft.port, 1, portMax)
  const directory = draft.socketDirectory.trim()
  const idleSeconds = wholeNumber(
    draft.idleSeconds,
    idleTransactionMsMin / secondMs,
    idleTransactionMsMax / secondMs,
  )
  const problems: DraftProblems = {
    ...(port === null && draft.port.trim() !== '' ? { port: `A whole number from 1 to ${portMax}` } : {}),
    ...(idleSeconds === null
      ? { idleSeconds: `Whole seconds, from 1 to ${idleTransactionMsMax / secondMs}` }
      : {}),
    ...(directory !== '' && !/^(?:\/|[A-Za-z]:[\\/])/.test(directory)
      ? { socketDirectory: 'A path from the root, such as /run/wardian' }
      : {}),
  }
  if (idleSeconds === null || Object.keys(problems).length > 0) return { problems }
  const { startsWithHost, tls } = draft
  const socketDirectory = directory === '' ? null : directory
  return {
    options: { startsWithHost, port, socketDirectory, tls, idleTransactionMs: idleSeconds * secondMs },
  }
}

/** Whether the endpoint has to stop and start again to be as `options` say. */
export function needsRestart({ state, options: now }: Endpoint, options: EndpointOptions): boolean {
  const isSame =
    now.port === options.port && now.socketDirectory === options.socketDirectory && now.tls === options.tls
  return state === 'listening' && !isSame
}

function wholeNumber(text: string, min: number, max: number): number | null {
  const value = Number(text.trim())
  return /^\d+$/.test(text.trim()) && value >= min && value <= max ? value : null
}
