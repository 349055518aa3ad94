/**
 * A session on a database, local or remote, as protocol 3.0 after log-in: frontend bytes in, backend bytes out.
 * What moves databases talks through it and does not know which kind it has. Knows no message.
 */

import type { Disposable } from '../../base/disposable.ts'

export interface ProtocolLink extends Disposable {
  /** What people call the database, without a password. */
  readonly title: string
  /** Whose rights it has, and the database's own name. */
  readonly role: string
  readonly database: string
  /** What the server has reported at the log-in. */
  readonly parameters: ReadonlyMap<string, string>
  /** Hands over frontend bytes, which are the link's from then on; resolves when it takes more. */
  write(bytes: Uint8Array): Promise<void>
  /**
   * The next backend bytes. Throws when the session has ended, with the reason. While nobody reads, the backend waits
   * with what it has beyond a bound.
   */
  read(): Promise<Uint8Array>
  /** Asks what runs to end with 57014. */
  cancel(): void
}
