/**
 * Ports for hosts under test that stay theirs while they are down, so that a host can be killed and started again
 * where its page looks for it, however many specs run at once. Knows no host.
 */

import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** Below 32768, where Linux begins to choose ports for outgoing connections (ip(7), ip_local_port_range). */
const portFirst = 20_000
const portLast = 31_998

const loopback = '127.0.0.1'

export class PortLease {
  /** Even. Whoever listens on the odd one above has the lease, which ends with its process at the latest. */
  readonly port: number
  readonly #claim: Server

  private constructor(port: number, claim: Server) {
    this.port = port
    this.#claim = claim
  }

  /** One that nobody listens on, and that no other spec has. */
  static async take(): Promise<PortLease> {
    const pairs = (portLast - portFirst) / 2
    const start = process.pid % pairs
    for (let step = 0; step < pairs; step += 1) {
      const port = portFirst + 2 * ((start + step) % pairs)
      const claim = await listen(port + 1)
      if (!claim) continue
      const probe = await listen(port)
      if (probe) {
        await close(probe)
        return new PortLease(port, claim)
      }
      await close(claim)
    }
    throw new Error(`Every port from ${portFirst} to ${portLast} is in use`)
  }

  release(): Promise<void> {
    return close(this.#claim)
  }
}

/** Null when the port is in use. */
async function listen(port: number): Promise<Server | null> {
  const server = createServer().unref()
  try {
    await once(server.listen(port, loopback), 'listening')
    return server
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return null
    throw error
  }
}

async function close(server: Server): Promise<void> {
  await once(server.close(), 'close')
}
