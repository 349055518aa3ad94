/**
 * The host as shells see it: start it on a data directory, attach clients by handing it ports, stop it. Knows
 * how to start and end the parts in order; what they do is theirs.
 */

import type { Disposable } from '../../base/disposable.ts'
import type { Port } from '../../rpc/port.ts'

export interface WorkbenchHost {
  readonly dataDirectory: string
  /**
   * Serves the workbench contract to one client over `port`, until the port closes or the result is disposed.
   * The client's sessions, streams, uploads and workspace claim end with it.
   */
  attach(port: Port): Disposable
  /**
   * Writes where clients can reach this host (such as a URL with its token) beside the directory's lock, so
   * that commands can talk to it instead of opening its instances; null takes it back. Readable by the owner
   * alone (0600).
   */
  publishEndpoint(endpoint: string | null): Promise<void>
  /**
   * Refuses new work, cancels what runs, rolls back open transactions, checkpoints and closes the engines and
   * the store, and lets go of the data directory. Idempotent.
   */
  stop(): Promise<void>
}
