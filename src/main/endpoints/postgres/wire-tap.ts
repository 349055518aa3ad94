/** How somebody looks on at what a client and its session say to each other. Data and names only. */

/** Gets every byte after log-in, in any pieces, before anybody changes them; must neither keep nor change them. */
export interface WireTap {
  received(bytes: Uint8Array): void
  sent(bytes: Uint8Array): void
}

/** Whose conversation it is. */
export interface TappedClient {
  readonly user: string
  readonly database: string
  /** null, null on a Unix-domain socket. */
  readonly address: string | null
  readonly port: number | null
}
