/**
 * The headless shell: a host, and the loopback endpoint that serves the page and hands its clients to the host.
 * Starts both in order, undoes what was done when one fails, and ends both.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { hostPortLimits } from '../../rpc/message-codec.ts'
import type { Port } from '../../rpc/port.ts'
import { createWebSocketPort } from '../../rpc/websocket-port.ts'
import { newAccessSecrets, type AccessSecrets } from '../endpoints/access-control.ts'
import { formatHostAddress, loginUrl } from '../endpoints/host-address.ts'
import { WorkbenchEndpoint } from '../endpoints/workbench-endpoint.ts'
import type { HostLog, ShellKind } from '../host/host-options.ts'
import type { WorkbenchHost } from '../host/workbench-host.ts'
import { PageFiles } from '../page/page-files.ts'
import { preferredPort } from './preferred-port.ts'
import type { StartHost } from './start-host.ts'

export interface ServeOptions {
  readonly startHost: StartHost
  readonly dataDirectory: string
  /** Exactly this port; null prefers `preferredPort` and takes any free one when that is in use. */
  readonly port: number | null
  /** The user's own token, or null for a random one. */
  readonly token: string | null
  /** The built page; null serves none, only other commands. */
  readonly pageFolder: string | null
  readonly shell?: ShellKind
  /** As of HostOptions. */
  readonly program?: string
  readonly clock: Clock
  readonly log: HostLog
}

export interface Serving {
  readonly port: number
  /** The address with the token in its fragment, which browsers never send. */
  readonly url: string
  /** An address that logs in once, for the arguments of a process that everybody can read. */
  oneTimeUrl(): string
  /** Windows and commands that are connected now; clients in this process are not counted. */
  readonly clientCount: number
  /** Serves a client in this process. */
  attach(port: Port): Disposable
  /** Ends the clients, then the host. Idempotent. */
  stop(): Promise<void>
}

export async function serve(options: ServeOptions): Promise<Serving> {
  const { dataDirectory, clock, log, pageFolder, program, shell = 'serve' } = options
  const page = pageFolder === null ? null : await PageFiles.begin(pageFolder)
  const host = await options.startHost({ dataDirectory, shell, program, clock, log })
  try {
    const pages = page === null ? null : await page.whole
    const secrets = newAccessSecrets(options.token)
    const endpoint = await listen(options, { host, pages, secrets })
    host.didListen(endpoint.port, () => endpoint.traffic.count)
    await host.publishEndpoint(formatHostAddress(endpoint.address, secrets))
    return serving({ host, endpoint, secrets })
  } catch (error) {
    await host.stop()
    throw error
  }
}

interface Parts {
  readonly host: WorkbenchHost
  readonly pages: PageFiles | null
  readonly secrets: AccessSecrets
}

async function listen(options: ServeOptions, { host, pages, secrets }: Parts): Promise<WorkbenchEndpoint> {
  const { clock, log } = options
  const attempt = (port: number): Promise<WorkbenchEndpoint> =>
    WorkbenchEndpoint.listen({
      port,
      secrets,
      clock,
      pages,
      operations: host.operations,
      onSocket: (socket) => {
        host.attach(createWebSocketPort(socket, { limits: hostPortLimits, confirmsSending: true, clock }))
      },
      onFailure: (error) => log.error('A request could not be answered', error),
    })
  if (options.port !== null) return attempt(options.port)
  try {
    return await attempt(preferredPort)
  } catch (error) {
    if (!(error instanceof WorkbenchError) || error.code !== 'in-use') throw error
    log.info(`Port ${preferredPort} is in use; taking a free one`)
    return attempt(0)
  }
}

function serving(parts: {
  host: WorkbenchHost
  endpoint: WorkbenchEndpoint
  secrets: AccessSecrets
}): Serving {
  const { host, endpoint, secrets } = parts
  let stopping: Promise<void> | null = null
  const stop = async (): Promise<void> => {
    await host.publishEndpoint(null)
    await endpoint.close()
    await host.stop()
  }
  return {
    port: endpoint.port,
    url: loginUrl(endpoint.address, secrets.userToken),
    get clientCount() {
      return endpoint.socketCount
    },
    attach: (port) => host.attach(port),
    oneTimeUrl: () => loginUrl(endpoint.address, endpoint.access.issueLoginCode()),
    stop: () => (stopping ??= stop()),
  }
}
