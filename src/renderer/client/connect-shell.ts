/**
 * The way to the app around this page, where there is one: asks the preload script for a port, which arrives as a
 * window message. Knows nothing of what is asked there.
 */

import { shellContract, type ShellContract } from '../../contract/shell-contract.ts'
import { createElectronClientPort } from '../../rpc/electron-port.ts'
import { connectContract, type ContractClient } from '../../rpc/rpc-client.ts'

/** The members of the preload's bridge that the shell needs. */
export interface ShellBridge {
  requestShellPort(): unknown
  pathOf(file: object): string
}

/** How the preload script names the message that brings the port. */
export const shellPortMessageName = 'wardian:shell-port'

/** The app answers at once; without it the window still works, with less. */
const portTimeoutMs = 5_000

/** null: the app has not answered. */
export function connectShell(bridge: ShellBridge): Promise<ContractClient<ShellContract> | null> {
  const { promise, resolve } = Promise.withResolvers<ContractClient<ShellContract> | null>()
  const onMessage = ({ source, data, ports }: MessageEvent<unknown>): void => {
    const [port] = ports
    if (source !== window || data !== shellPortMessageName || !port) return
    resolve(connectContract(shellContract, createElectronClientPort(port)))
  }
  const timer = setTimeout(() => resolve(null), portTimeoutMs)
  window.addEventListener('message', onMessage)
  bridge.requestShellPort()
  return promise.finally(() => {
    clearTimeout(timer)
    window.removeEventListener('message', onMessage)
  })
}
