/** The options of an endpoint while somebody edits them as text, and what is wrong with that text. Pure. */

import {
  connectionsMaxMax,
  connectionsMaxMin,
  idleTransactionMsMax,
  idleTransactionMsMin,
  stalledClientMsMax,
  stalledClientMsMin,
  type Endpoint,
  type EndpointOptions,
} from '../../contract/endpoint.ts'

/** Whether programs are to show certificates of their own. */
export type CertificateUse = 'none' | NonNullable<EndpointOptions['clientCertificates']>['use']

export interface OptionsDraft {
  readonly startsWithHost: boolean
  readonly mode: EndpointOptions['mode']
  readonly port: string
  readonly socketDirectory: string
  readonly connectionsMax: string
  readonly idleSeconds: string
  readonly stalledSeconds: string
  readonly tls: EndpointOptions['tls']
  readonly certificatePath: string
  readonly keyPath: string
  readonly certificateUse: CertificateUse
  readonly authorityPath: string
}

export type DraftProblems = Partial<Record<keyof OptionsDraft, string>>

const secondMs = 1_000
const portMax = 65_535

export function draftOf(options: EndpointOptions): OptionsDraft {
  const { startsWithHost, mode, port, socketDirectory, tls, certificate, clientCertificates } = options
  return {
    ...{ startsWithHost, mode, tls, socketDirectory: socketDirectory ?? '' },
    port: port === null ? '' : String(port),
    connectionsMax: String(options.connectionsMax),
    idleSeconds: String(options.idleTransactionMs / secondMs),
    stalledSeconds: String(options.stalledClientMs / secondMs),
    certificatePath: certificate?.certificatePath ?? '',
    keyPath: certificate?.keyPath ?? '',
    certificateUse: clientCertificates?.use ?? 'none',
    authorityPath: clientCertificates?.authorityPath ?? '',
  }
}

/** What the draft says, or what is wrong with it. */
export function readDraft(
  draft: OptionsDraft,
): { readonly options: EndpointOptions } | { readonly problems: DraftProblems } {
  const port = draft.port.trim() === '' ? null : wholeNumber(draft.port, 1, portMax)
  const connectionsMax = wholeNumber(draft.connectionsMax, connectionsMaxMin, connectionsMaxMax)
  const idleTransactionMs = seconds(draft.idleSeconds, idleTransactionMsMin, idleTransactionMsMax)
  const stalledClientMs = seconds(draft.stalledSeconds, stalledClientMsMin, stalledClientMsMax)
  const problems: DraftProblems = {
    ...(port === undefined ? { port: `A whole number from 1 to ${portMax}` } : {}),
    ...(connectionsMax === undefined
      ? { connectionsMax: `A whole number from ${connectionsMaxMin} to ${connectionsMaxMax}` }
      : {}),
    ...(idleTransactionMs === undefined ? { idleSeconds: secondsWords(idleTransactionMsMax) } : {}),
    ...(stalledClientMs === undefined ? { stalledSeconds: secondsWords(stalledClientMsMax) } : {}),
    ...pathProblems(draft),
  }
  const hasNumbers =
    port !== undefined &&
    connectionsMax !== undefined &&
    idleTransactionMs !== undefined &&
    stalledClientMs !== undefined
  if (!hasNumbers || Object.keys(problems).length > 0) return { problems }
  const { startsWithHost, mode, tls } = draft
  const numbers = { port, connectionsMax, idleTransactionMs, stalledClientMs }
  return { options: { startsWithHost, mode, tls, ...numbers, ...pathsOf(draft) } }
}

/** Whether the endpoint has to stop and start again to be as `options` say. */
export function needsRestart({ state, options: now }: Endpoint, options: EndpointOptions): boolean {
  // Compared as they are edited: what is blank is null, and nothing else is lost.
  const [before, after] = [draftOf(now), draftOf(options)]
  const isSame = restartFields.every((field) => before[field] === after[field])
  return state === 'listening' && !isSame
}

const restartFields = [
  ...(['mode', 'port', 'socketDirectory', 'connectionsMax', 'stalledSeconds', 'tls'] as const),
  ...(['certificatePath', 'keyPath', 'certificateUse', 'authorityPath'] as const),
]

function pathsOf(
  draft: OptionsDraft,
): Pick<EndpointOptions, 'socketDirectory' | 'certificate' | 'clientCertificates'> {
  const [socketDirectory, certificatePath, keyPath, authorityPath] = [
    draft.socketDirectory.trim(),
    draft.certificatePath.trim(),
    draft.keyPath.trim(),
    draft.authorityPath.trim(),
  ]
  const use = draft.certificateUse
  return {
    socketDirectory: socketDirectory === '' ? null : socketDirectory,
    certificate: certificatePath === '' ? null : { certificatePath, keyPath },
    clientCertificates: use === 'none' ? null : { authorityPath, use },
  }
}

/** A certificate and its key belong together, and so do certificates of programs and who has signed them. */
function pathProblems(draft: OptionsDraft): DraftProblems {
  const problems: { -readonly [K in keyof DraftProblems]: string } = {}
  for (const [field, example] of pathExamples) {
    const path = draft[field].trim()
    const isAbsolute = /^(?:\/|[A-Za-z]:[\\/])/.test(path)
    if (path !== '' && !isAbsolute) problems[field] = `A path from the root, such as ${example}`
  }
  const [certificatePath, keyPath] = [draft.certificatePath.trim(), draft.keyPath.trim()]
  if (certificatePath !== '' && keyPath === '') problems.keyPath = 'A certificate needs its key'
  if (certificatePath === '' && keyPath !== '') problems.certificatePath = 'A key needs its certificate'
  if (draft.certificateUse !== 'none' && draft.tls === 'off') {
    problems.authorityPath = 'Certificates of programs need TLS: offer or require it'
  } else if (draft.certificateUse !== 'none' && draft.authorityPath.trim() === '') {
    problems.authorityPath = 'The file of those who sign them'
  }
  return problems
}

const pathExamples = [
  ['socketDirectory', '/run/wardian'],
  ['certificatePath', '/etc/wardian/server.crt'],
  ['keyPath', '/etc/wardian/server.key'],
  ['authorityPath', '/etc/wardian/clients.crt'],
] as const

function seconds(text: string, minMs: number, maxMs: number): number | undefined {
  const value = wholeNumber(text, minMs / secondMs, maxMs / secondMs)
  return value === undefined ? undefined : value * secondMs
}

function secondsWords(maxMs: number): string {
  return `Whole seconds, from 1 to ${maxMs / secondMs}`
}

function wholeNumber(text: string, min: number, max: number): number | undefined {
  const value = Number(text.trim())
  return /^\d+$/.test(text.trim()) && value >= min && value <= max ? value : undefined
}
