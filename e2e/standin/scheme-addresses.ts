/**
 * Addresses of the app's own schemes, and what Chromium is given in their place: `app://page/x` is served at
 * `http://page.app.localhost:PORT/x`, which has an origin, is secure, and may use workers and streams.
 */

export class SchemeAddresses {
  readonly #port: number
  readonly #schemes: ReadonlySet<string>

  constructor(port: number, schemes: ReadonlySet<string>) {
    this.#port = port
    this.#schemes = schemes
  }

  /** Name and port of the server, for what no scheme is served at. */
  get host(): string {
    return `127.0.0.1:${this.#port}`
  }

  /** The address that Chromium loads for `address`. */
  toServed(address: string): string {
    const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/is.exec(address)
    if (!match) return address
    const [, scheme = '', host = '', rest = ''] = match
    if (!this.#schemes.has(scheme)) return address
    return `http://${host}.${scheme}.localhost:${this.#port}${rest.startsWith('/') ? rest : `/${rest}`}`
  }

  /** The address that the app sees for `served`. */
  fromServed(served: string): string {
    const match = /^http:\/\/(.+)\.([a-z][a-z0-9+-]*)\.localhost:(\d+)(.*)$/s.exec(served)
    if (!match) return served
    const [, host = '', scheme = '', port, rest = ''] = match
    return Number(port) === this.#port && this.#schemes.has(scheme) ? `${scheme}://${host}${rest}` : served
  }
}
