/**
 * The way of a program to a running host: asks the host to prove that it is the one that left the address, and
 * only then shows the token. Whoever took the port of a host that died gets no secret.
 */

import { WebSocket } from 'ws'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import { hostMessageBytesMax } from '../../contract/limits.ts'
import { clientPortLimits } from '../../rpc/message-codec.ts'
import type { Port } from '../../rpc/port.ts'
import { openWebSocketPort } from '../../rpc/websocket-port.ts'
import { equalSecrets, proofOf, randomSecret } from './access-control.ts'
import { loginUrl, type HostAddress } from './host-address.ts'

/** A host on this machine answers in milliseconds, or after what blocks it; seconds mean that it hangs. */
const answerTimeoutMs = 5_000

/** Connects, or throws `disconnected` when nothing there is that host. */
export async function connectToHost(address: HostAddress): Promise<Port> {
  await demandProof(address)
  const socket = new WebSocket(`${address.origin.replace('http:', 'ws:')}/port`, {
    headers: { Authorization: `Bearer ${address.commandToken}` },
    handshakeTimeout: answerTimeoutMs,
    maxPayload: hostMessageBytesMax,
    perMessageDeflate: false,
  })
  return openWebSocketPort(socket, { limits: clientPortLimits, confirmsSending: true })
}

/**
 * An address that logs a browser in once, or null where the host serves no page. Throws `disconnected` when nothing
 * there is that host.
 */
export async function requestLoginUrl(address: HostAddress): Promise<string | null> {
  await demandProof(address)
  const response = await fetch(`${address.origin}/login-codes`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${address.commandToken}` },
    redirect: 'error',
    signal: AbortSignal.timeout(answerTimeoutMs),
  }).catch((error: unknown) => {
    const why = toWireError(error).message
    throw new WorkbenchError('disconnected', `The running host went away: ${why}`, { cause: error })
  })
  if (response.status === 404 || response.status === 405) return null
  const answer: unknown = response.ok ? await response.json() : null
  const code = typeof answer === 'object' && answer !== null && 'code' in answer ? answer.code : null
  if (typeof code === 'string') return loginUrl(address.origin, code)
  throw new WorkbenchError('disconnected', `The running host refused a new window (${response.status})`)
}

async function demandProof(address: HostAddress): Promise<void> {
  const nonce = randomSecret()
  let shown: unknown
  try {
    const response = await fetch(`${address.origin}/proof?nonce=${nonce}`, {
      redirect: 'error',
      signal: AbortSignal.timeout(answerTimeoutMs),
    })
    shown = await response.json()
  } catch (error) {
    const why = toWireError(error).message
    throw new WorkbenchError(
      'disconnected',
      `The running host does not answer at ${address.origin}: ${why}`,
      {
        cause: error,
      },
    )
  }
  const proof = typeof shown === 'object' && shown !== null && 'proof' in shown ? shown.proof : null
  if (typeof proof === 'string' && equalSecrets(proof, proofOf(address.proofKey, nonce))) return
  throw new WorkbenchError(
    'disconnected',
    `Another program answers at ${address.origin}, not the running host`,
  )
}
