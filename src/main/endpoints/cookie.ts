/**
 * The one cookie of a loopback endpoint: how it is written and found. Cookies know no ports, so the name has the
 * port in it; two hosts on one machine would otherwise log each other out.
 */

/** Cookie headers longer than this are not searched; 127.0.0.1 collects cookies of every local program. */
const cookieHeaderLengthMax = 8_192

export function cookieName(port: number): string {
  return `wardian-${port}`
}

/**
 * The Set-Cookie header. HttpOnly: no script reads it. SameSite=Strict: no other site's page sends it. It has no
 * `Secure` and no `__Host-` prefix, because loopback is served over plain HTTP and not every browser then stores
 * such cookies; it has no lifetime, so it ends with the browser's session.
 */
export function setCookieHeader(port: number, value: string): string {
  return `${cookieName(port)}=${value}; HttpOnly; SameSite=Strict; Path=/`
}

/** The value of our cookie in the Cookie headers of a request, or null. */
export function findCookie(headers: readonly string[], port: number): string | null {
  const prefix = `${cookieName(port)}=`
  for (const header of headers) {
    if (header.length > cookieHeaderLengthMax) continue
    const pair = header.split(';').find((part) => part.trim().startsWith(prefix))
    if (pair !== undefined) return pair.trim().slice(prefix.length)
  }
  return null
}
