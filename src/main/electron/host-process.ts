/**
 * Entry of the utility process that the host lives in: starts the host on the directory it is given, hands it the
 * ports that the shell passes on, and lets commands of the same user reach it. The page's data goes through these
 * ports and never through the shell.
 */

import { systemClock } from '../../base/clock.ts'
import { present } from '../../base/assert.ts'
import { toWireError } from '../../contract/error.ts'
import { createElectronHostPort } from '../../rpc/electron-port.ts'
import { hostPortLimits } from '../../rpc/message-codec.ts'
import { createWebSocketPort } from '../../rpc/websocket-port.ts'
import { newAccessSecrets } from '../endpoints/access-control.ts'
import { formatHostAddress } from '../endpoints/host-address.ts'
import { WorkbenchEndpoint } from '../endpoints/workbench-endpoint.ts'
import type { HostLog } from '../host/host-options.ts'
import { startHost, type WorkbenchHost } from '../host/workbench-host.ts'
import { isShellMessage, type HostProcessMessage } from './host-messages.ts'
import { ParentSealer } from './parent-sealer.ts'

const parentPort = process.parentPort

const log: HostLog = {
  info: (message) => void process.stderr.write(`${message}\n`),
  warn: (message) => void process.stderr.write(`warning: ${message}\n`),
  error: (message, cause) => {
    process.stderr.write(`error: ${message}${cause instanceof Error ? `: ${cause.message}` : ''}\n`)
  },
}

function tell(message: HostProcessMessage): void {
  parentPort.postMessage(message)
}

const sealer = new ParentSealer(tell)

interface Running {
  readonly host: WorkbenchHost
  readonly endpoint: WorkbenchEndpoint
}

async function start(dataDirectory: string): Promise<Running> {
  const clock = systemClock
  const host = await startHost({ dataDirectory, shell: 'electron', clock, log, sealer })
  try {
    const secrets = newAccessSecrets(null)
    const endpoint = await WorkbenchEndpoint.listen({
      port: 0,
      secrets,
      clock,
      // The window has the page already; this is for the command line.
      pages: null,
      operations: host.operations,
      onSocket: (socket) => {
        host.attach(createWebSocketPort(socket, { limits: hostPortLimits, confirmsSending: true, clock }))
      },
      onFailure: (error) => log.error('A request could not be answered', error),
    })
    host.didListen(endpoint.port, () => endpoint.traffic.count)
    await host.publishEndpoint(formatHostAddress(endpoint.address, secrets))
    return { host, endpoint }
  } catch (error) {
    await host.stop()
    throw error
  }
}

async function stop({ host, endpoint }: Running): Promise<void> {
  await host.publishEndpoint(null)
  await endpoint.close()
  await host.stop()
}

/** Ports wait for the host, which they may overtake; nothing is lost, because a port keeps its messages. */
const starting = start(present(process.argv[2], 'the data directory'))

parentPort.on('message', ({ data, ports }) => {
  if (!isShellMessage(data) || sealer.take(data)) return
  if (data.kind === 'stop') {
    void starting.then(stop).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('The host did not stop cleanly', error)
        process.exit(1)
      },
    )
    return
  }
  const port = present(ports[0], 'the port of the page')
  void starting.then(
    ({ host }) => host.attach(createElectronHostPort(port)),
    () => port.close(),
  )
})

starting.then(
  () => tell({ kind: 'ready' }),
  (error: unknown) => {
    tell({ kind: 'failed', message: toWireError(error).message })
    process.exitCode = 1
  },
)
