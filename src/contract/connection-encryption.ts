/** How a client's connection is encrypted, as pg_stat_ssl answers it. Knows no connection. */

/** With the certificate that the client has shown, in Postgres's words. */
export interface ConnectionEncryption {
  readonly version: string
  readonly cipher: string
  readonly bits: number
  /** Empty without a certificate, as the other two. */
  readonly subject: string
  /** A decimal number. */
  readonly serial: string
  readonly issuer: string
}
