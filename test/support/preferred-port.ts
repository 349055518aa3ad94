/**
 * Keeps the port that an endpoint tries first from suites which need the same port twice: they get one that no other
 * suite asks for, and runs beside each other do not take it from each other between two starts.
 */

import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll } from 'vitest'
import { portPreferred } from '../../src/main/host/hosted-endpoint.ts'

/** Registers hooks; it is as good if somebody else has it already. */
export function withoutPreferredPort(): void {
  let server: Server | null = null
  beforeAll(async () => {
    const taking = createServer()
    taking.listen(portPreferred, '127.0.0.1')
    try {
      await once(taking, 'listening')
      server = taking
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    }
  })
  afterAll(async () => {
    if (!server) return
    server.close()
    await once(server, 'close')
  })
}
