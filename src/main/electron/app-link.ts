/**
 * Links of the scheme `wardian:`, which any page of any browser may offer: only a closed list of actions, all of which
 * show something and none of which runs, reads or changes anything. Imports nothing of Electron.
 */

import { instanceNameLengthMax } from '../../contract/limits.ts'
import { linkedPages, type ShellRequest } from '../../contract/shell-request.ts'

export const linkScheme = 'wardian'

/** Longer ones mean nothing that is here. */
const linkLengthMax = 512

/** Names of instances that a link may have: what could be mistaken for something else is not looked for. */
const printable = /^[^\p{C}]+$/u

/**
 * `wardian://show/PAGE` and `wardian://instance/NAME`; null for everything else. What a link says beside that (a query,
 * a user, a port, a fragment) makes it another link, which there is not.
 */
export function parseLink(link: string): ShellRequest | null {
  if (link.length > linkLengthMax || !URL.canParse(link)) return null
  const { protocol, host, pathname, username, password, port, search, hash } = new URL(link)
  if (protocol !== `${linkScheme}:` || [username, password, port, search, hash].some((part) => part !== '')) {
    return null
  }
  const argument = decoded(pathname.slice(1))
  if (argument === null) return null
  if (host === 'show') {
    const page = linkedPages.find((known) => known === argument)
    return page ? { kind: 'page', page } : null
  }
  const isName = argument.length > 0 && argument.length <= instanceNameLengthMax && printable.test(argument)
  return host === 'instance' && isName ? { kind: 'instance', name: argument } : null
}

/** Whether the command line meant a link. */
export function isLink(argument: string): boolean {
  return /^wardian:/i.test(argument)
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
