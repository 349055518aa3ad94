/** The options of the web endpoint while somebody edits them as text, and what is wrong with that text. Pure. */

import { connectionsMaxMax, connectionsMaxMin } from '../../contract/endpoint.ts'
import {
  idleOffMinutesMax,
  idleOffMinutesMin,
  type WebEndpoint,
  type WebEndpointOptions,
} from '../../contract/web-endpoint.ts'

export interface WebOptionsDraft {
  readonly startsWithHost: boolean
  readonly compresses: boolean
  readonly tls: WebEndpointOptions['tls']
  readonly port: string
  readonly address: string
  /** Separated by spaces, commas or lines, as the origins are. */
  readonly hostNames: string
  readonly allowedOrigins: string
  readonly connectionsMax: string
  readonly idleOffMinutes: string
  readonly certificatePath: string
  readonly keyPath: string
  readonly clientAuthorityPath: string
}

export type WebDraftProblems = Partial<Record<keyof WebOptionsDraft, string>>

const portMax = 65_535

export function webDraftOf(options: WebEndpointOptions): WebOptionsDraft {
  const { startsWithHost, compresses, tls, port, address, hostNames, allowedOrigins, certificate } = options
  return {
    ...{ startsWithHost, compresses, tls, address: address ?? '' },
    port: port === null ? '' : String(port),
    hostNames: hostNames.join(' '),
    allowedOrigins: allowedOrigins.join('\n'),
    connectionsMax: String(options.connectionsMax),
    idleOffMinutes: options.idleOffMinutes === null ? '' : String(options.idleOffMinutes),
    certificatePath: certificate?.certificatePath ?? '',
    keyPath: certificate?.keyPath ?? '',
    clientAuthorityPath: options.clientAuthorityPath ?? '',
  }
}

/** What the draft says, or what is wrong with it. */
export function readWebDraft(
  draft: WebOptionsDraft,
): { readonly options: WebEndpointOptions } | { readonly problems: WebDraftProblems } {
  const port = optionalNumber(draft.port, 1, portMax)
  const connectionsMax =
    optionalNumber(draft.connectionsMax, connectionsMaxMin, connectionsMaxMax) ?? undefined
  const idleOffMinutes = optionalNumber(draft.idleOffMinutes, idleOffMinutesMin, idleOffMinutesMax)
  const problems: WebDraftProblems = {
    ...(port === undefined ? { port: `A whole number from 1 to ${portMax}` } : {}),
    ...(connectionsMax === undefined
      ? { connectionsMax: `A whole number from ${connectionsMaxMin} to ${connectionsMaxMax}` }
      : {}),
    ...(idleOffMinutes === undefined
      ? { idleOffMinutes: `A whole number from ${idleOffMinutesMin} to ${idleOffMinutesMax}, or nothing` }
      : {}),
    ...originProblems(draft),
    ...tlsProblems(draft),
  }
  const isWhole = port !== undefined && connectionsMax !== undefined && idleOffMinutes !== undefined
  if (!isWhole || Object.keys(problems).length > 0) return { problems }
  const { startsWithHost, compresses, tls } = draft
  const [certificatePath, keyPath] = [draft.certificatePath.trim(), draft.keyPath.trim()]
  return {
    options: {
      ...{ startsWithHost, compresses, tls, port, connectionsMax, idleOffMinutes },
      address: textOrNull(draft.address),
      hostNames: wordsOf(draft.hostNames),
      allowedOrigins: wordsOf(draft.allowedOrigins),
      certificate: certificatePath === '' ? null : { certificatePath, keyPath },
      clientAuthorityPath: textOrNull(draft.clientAuthorityPath),
    },
  }
}

/** Whether the endpoint has to stop and start again to be as `options` say. */
export function webNeedsRestart({ state, options: now }: WebEndpoint, options: WebEndpointOptions): boolean {
  const whileListening = { startsWithHost: false, idleOffMinutes: null }
  const text = (of: WebEndpointOptions): string => JSON.stringify(webDraftOf({ ...of, ...whileListening }))
  return state === 'listening' && text(now) !== text(options)
}

function originProblems({ allowedOrigins }: WebOptionsDraft): WebDraftProblems {
  for (const origin of wordsOf(allowedOrigins)) {
    const url = URL.canParse(origin) ? new URL(origin) : null
    const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
    if (!url || !isWeb) return { allowedOrigins: `${origin} is no origin, such as https://shop.example` }
    if (url.origin !== origin) return { allowedOrigins: `${origin} is written ${url.origin} as an origin` }
  }
  return {}
}

/** What lets in others needs TLS, and a certificate its key. */
function tlsProblems(draft: WebOptionsDraft): WebDraftProblems {
  const problems: { -readonly [K in keyof WebDraftProblems]: string } = {}
  for (const field of ['certificatePath', 'keyPath', 'clientAuthorityPath'] as const) {
    const path = draft[field].trim()
    const isAbsolute = /^(?:\/|[A-Za-z]:[\\/])/.test(path)
    if (path !== '' && !isAbsolute) problems[field] = 'A path from the root, such as /etc/wardian/server.crt'
  }
  const [certificatePath, keyPath] = [draft.certificatePath.trim(), draft.keyPath.trim()]
  if (certificatePath !== '' && keyPath === '') problems.keyPath = 'A certificate needs its key'
  if (certificatePath === '' && keyPath !== '') problems.certificatePath = 'A key needs its certificate'
  const isLoopback = /^(127(\.\d+){3}|::1)?$/.test(draft.address.trim())
  if (draft.tls === 'off' && !isLoopback) problems.address = 'Other machines are let in with TLS alone'
  if (draft.tls === 'off' && draft.clientAuthorityPath.trim() !== '') {
    problems.clientAuthorityPath = 'Certificates of programs need TLS'
  }
  return problems
}

function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '')
}

function textOrNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim()
}

/** null: nothing is there; undefined: something else is. */
function optionalNumber(text: string, min: number, max: number): number | null | undefined {
  if (text.trim() === '') return null
  const value = Number(text.trim())
  return /^\d+$/.test(text.trim()) && value >= min && value <= max ? value : undefined
}
