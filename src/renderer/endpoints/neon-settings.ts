/** How `@neondatabase/serverless` is told to use the web endpoint, to be pasted into a program. Has no secret. */

/** `url` is the endpoint's, without a path. Sets `neonConfig` (CONFIG.md of the package, 1.2). */
export function neonSettings(url: string): string {
  const { host, origin, protocol } = new URL(url)
  const settings = [
    `wsProxy: '${host}/v2'`,
    `useSecureWebSocket: ${protocol === 'https:'}`,
    `fetchEndpoint: '${origin}/sql'`,
  ]
  return `Object.assign(neonConfig, { ${settings.join(', ')} })`
}
