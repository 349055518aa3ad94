/**
 * Opens an address in the user's browser, with what the platform has for it. No library: each platform needs one
 * program and one argument, and no shell may see the address.
 */

import { spawn } from 'node:child_process'

interface Opener {
  readonly program: string
  readonly args: readonly string[]
}

/** The program that opens `address`, or null where there is no desktop to open it on. */
export function browserOpener(
  address: string,
  system: { platform: NodeJS.Platform; environment: Readonly<Record<string, string | undefined>> },
): Opener | null {
  switch (system.platform) {
    case 'darwin':
      return { program: 'open', args: [address] }
    case 'win32':
      // Not `start`, which needs a shell that would read `&` in the address.
      return { program: 'rundll32.exe', args: ['url.dll,FileProtocolHandler', address] }
    default: {
      const { DISPLAY, WAYLAND_DISPLAY, WSL_DISTRO_NAME } = system.environment
      const hasDesktop = [DISPLAY, WAYLAND_DISPLAY, WSL_DISTRO_NAME].some((name) => name !== undefined)
      return hasDesktop ? { program: 'xdg-open', args: [address] } : null
    }
  }
}

/** Resolves with whether the opener could be started; what the browser then does is not known. */
export function openBrowser(address: string, environment: NodeJS.ProcessEnv): Promise<boolean> {
  const opener = browserOpener(address, { platform: process.platform, environment })
  if (opener === null) return Promise.resolve(false)
  return new Promise((resolve) => {
    const child = spawn(opener.program, opener.args, { stdio: 'ignore', detached: true, env: environment })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
