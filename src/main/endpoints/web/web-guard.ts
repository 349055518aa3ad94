/**
 * What every request to the web endpoint must satisfy before anything else looks at it: a Host that is its own, and no
 * page behind it that was not let in. Knows no route and no token.
 *
 * Why each check exists: Host stops DNS rebinding (a name of the attacker that resolves to this machine). Origin stops
 * pages, which browsers let connect to WebSockets without any preflight (RFC 6455, section 10.2). Sec-Fetch-Site (W3C,
 * Fetch Metadata, section 2) stops what pages send without an Origin, such as images and links.
 */

import { headerValues, type GuardedRequest, type Refusal } from '../request-guard.ts'

/** Longer request targets are refused; the longest there is names a server to `/v2`. */
const targetLengthMax = 2_048

export interface GuardPolicy {
  readonly scheme: 'http' | 'https'
  /** What `Host` may be. Exact: no suffix, no trailing dot, no other case. */
  readonly hosts: ReadonlySet<string>
  /** Pages of other origins that may come. Exact. */
  readonly origins: ReadonlySet<string>
}

/** The default port of each scheme is left out of Host and Origin (RFC 9110, section 4.2.3). */
const defaultPorts = { http: 80, https: 443 } as const

/** Under which names this machine is asked for what listens on `address`; null: on the loopback addresses. */
export function guardPolicy(place: {
  readonly scheme: 'http' | 'https'
  readonly address: string | null
  readonly port: number
  readonly hostNames: readonly string[]
  readonly allowedOrigins: readonly string[]
}): GuardPolicy {
  const { scheme, address, port, hostNames, allowedOrigins } = place
  const own = address === null ? [] : [address.includes(':') ? `[${address}]` : address]
  const names = ['127.0.0.1', 'localhost', '[::1]', ...own, ...hostNames.map((name) => name.toLowerCase())]
  const hosts = names.map((name) => (port === defaultPorts[scheme] ? name : `${name}:${port}`))
  return { scheme, hosts: new Set(hosts), origins: new Set(allowedOrigins) }
}

/** Refuses what must not come in, or returns null. Runs before routing, for every method and upgrade. */
export function refuseStranger(request: GuardedRequest, policy: GuardPolicy): Refusal | null {
  const target = request.url ?? ''
  if (!target.startsWith('/') || target.startsWith('//') || target.length > targetLengthMax) {
    return { status: 400, message: 'The request target must be a path' }
  }
  const [host, ...otherHosts] = headerValues(request, 'host')
  if (host === undefined || otherHosts.length > 0) {
    return { status: 400, message: 'A request must have one Host header' }
  }
  if (!policy.hosts.has(host)) return { status: 421, message: 'This endpoint answers to no such name' }
  return refusePage(request, policy, host)
}

function refusePage(request: GuardedRequest, policy: GuardPolicy, host: string): Refusal | null {
  const [origin, ...otherOrigins] = headerValues(request, 'origin')
  const isKnown =
    origin === undefined || origin === `${policy.scheme}://${host}` || policy.origins.has(origin)
  if (!isKnown || otherOrigins.length > 0) {
    return { status: 403, message: 'Pages of this origin may not use this endpoint' }
  }
  if (origin !== undefined) return null
  const isForeign = headerValues(request, 'sec-fetch-site').some(
    (site) => site !== 'same-origin' && site !== 'none',
  )
  return isForeign ? { status: 403, message: 'Other sites may not use this endpoint' } : null
}
