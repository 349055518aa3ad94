/**
 * The endpoint's TLS as of now: another certificate is used for connections that come after it was put in place,
 * without a restart. Each connection keeps to the one that it began with.
 */

import { TlsAcceptor, type TlsOptions } from './tls-acceptor.ts'

export class RenewableTls {
  readonly #renew: () => Promise<TlsOptions | null>
  #acceptor: TlsAcceptor

  private constructor(acceptor: TlsAcceptor, renew: () => Promise<TlsOptions | null>) {
    this.#acceptor = acceptor
    this.#renew = renew
  }

  /**
   * `renew` answers null while nothing has changed, and does not reject. Throws `invalid-argument` when certificate
   * and key are not what they should be.
   */
  static async create(options: TlsOptions, renew: () => Promise<TlsOptions | null>): Promise<RenewableTls> {
    return new RenewableTls(await TlsAcceptor.create(options), renew)
  }

  async current(): Promise<TlsAcceptor> {
    const changed = await this.#renew()
    if (changed) this.#acceptor = await TlsAcceptor.create(changed)
    return this.#acceptor
  }
}
