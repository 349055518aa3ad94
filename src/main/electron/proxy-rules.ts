/** What the user's choice of a proxy means to Chromium, and what is no address of one. Imports nothing of Electron. */

import { WorkbenchError } from '../../contract/error.ts'
import type { ShellSettings } from '../../contract/shell-contract.ts'

/** As `session.setProxy` takes it. */
export interface ProxyRules {
  readonly mode: 'system' | 'direct' | 'fixed_servers'
  readonly proxyRules?: string
  readonly proxyBypassRules?: string
}

const schemes: ReadonlySet<string> = new Set(['http:', 'https:', 'socks4:', 'socks5:'])

/** Throws `invalid-argument`. */
export function proxyRules({
  proxy,
  proxyAddress,
}: Pick<ShellSettings, 'proxy' | 'proxyAddress'>): ProxyRules {
  if (proxy !== 'fixed') return { mode: proxy }
  const isAddress = URL.canParse(proxyAddress) && isProxy(new URL(proxyAddress))
  if (!isAddress) {
    const example =
      'such as http://proxy.example:3128 (http, https, socks4 or socks5), without user and password'
    throw new WorkbenchError('invalid-argument', `The address of a proxy is ${example}`)
  }
  // What is on this machine is never asked of a proxy.
  return { mode: 'fixed_servers', proxyRules: proxyAddress, proxyBypassRules: '<local>' }
}

/** Chromium's rules are lists with commas and semicolons; an address with one would be several. */
function isProxy({ protocol, hostname, username, password, pathname, search, hash, href }: URL): boolean {
  const isBare = [username, password, search, hash].every((part) => part === '')
  return (
    schemes.has(protocol) && hostname !== '' && isBare && ['', '/'].includes(pathname) && !/[;,\s]/.test(href)
  )
}
