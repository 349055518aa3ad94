/**
 * What every request to a loopback endpoint must satisfy before anything else looks at it: an exact Host, no
 * foreign Origin, nothing that a page of another site sent. Knows no route and no secret.
 *
 * Why each check exists: Host stops DNS rebinding (a name of the attacker that resolves to 127.0.0.1), Origin
 * and Sec-Fetch-Site stop pages of other sites and of other ports of this machine, which browsers let connect
 * to WebSockets without any preflight (RFC 6455, section 10.2; Fetch Metadata, W3C, section 2).
 */

/** Longer request targets are refused; the endpoint's own are far shorter. */
const targetLengthMax = 2_048

/** A refusal: HTTP status and a text for the person who reads it. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 421 | 426 | 429 | 500 | 503
  readonly message: string
  readonly retryAfterMs?: number
}

/** The parts of a request that are checked; Node's IncomingMessage has this form. */
export interface GuardedRequest {
  readonly url?: string | undefined
  readonly method?: string | undefined
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[]
}

/** The values that `Host` may have on `port`. Exact: no suffixes, no trailing dot, no other case. */
export function allowedHosts(port: number): readonly string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`]
}

/** All values of one header; `name` in lower case. Duplicates are seen, which Node's own `headers` hides. */
export function headerValues(request: GuardedRequest, name: string): readonly string[] {
  const values: string[] = []
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    if (request.rawHeaders[at]?.toLowerCase() === name) values.push(request.rawHeaders[at + 1] ?? '')
  }
  return values
}

/** Refuses what no client of ours sends, or returns null. Runs before routing, for every method and upgrade. */
export function refuseForeign(request: GuardedRequest, port: number): Refusal | null {
  const target = request.url ?? ''
  if (!target.startsWith('/') || target.startsWith('//') || target.length > targetLengthMax) {
    return { status: 400, message: 'The request target must be a path' }
  }
  const [host, ...otherHosts] = headerValues(request, 'host')
  if (host === undefined || otherHosts.length > 0 || !allowedHosts(port).includes(host)) {
    return { status: 421, message: `Open http://127.0.0.1:${port}/: this host answers to no other name` }
  }
  const origins = headerValues(request, 'origin')
  if (origins.some((origin) => origin !== `http://${host}`)) {
    return { status: 403, message: 'Pages of other origins may not use this host' }
  }
  const sites = headerValues(request, 'sec-fetch-site')
  if (sites.some((site) => site !== 'same-origin' && site !== 'none')) {
    return {
      status: 403,
      message: 'Links from other sites are not followed: paste the address into the address bar',
    }
  }
  return null
}

/** Refuses a state-changing request or upgrade that does not say where it comes from, or returns null. */
export function refuseWithoutOrigin(request: GuardedRequest): Refusal | null {
  if (headerValues(request, 'origin').length === 1) return null
  return { status: 403, message: 'A browser must send exactly one Origin header' }
}
