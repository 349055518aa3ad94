/**
 * The address under which programs of the same user find a running host, as one text: the endpoint's URL with
 * the secrets for programs in its fragment. It is kept beside the data directory's lock, for its owner alone.
 */

import { WorkbenchError } from '../../contract/error.ts'
import type { AccessSecrets } from './access-control.ts'

export interface HostAddress {
  /** Such as `http://127.0.0.1:7437`. */
  readonly origin: string
  readonly commandToken: string
  readonly proofKey: string
}

export function formatHostAddress(origin: string, secrets: AccessSecrets): string {
  const fragment = new URLSearchParams({ command: secrets.commandToken, proof: secrets.proofKey })
  return `${origin}/#${fragment.toString()}`
}

/** Throws `corrupt` when the text is not such an address; one that leaves this machine is none. */
export function parseHostAddress(text: string): HostAddress {
  const url = URL.canParse(text) ? new URL(text) : null
  const fragment = new URLSearchParams(url?.hash.slice(1))
  const commandToken = fragment.get('command')
  const proofKey = fragment.get('proof')
  if (url?.protocol !== 'http:' || url.hostname !== '127.0.0.1' || !commandToken || !proofKey) {
    throw new WorkbenchError(
      'corrupt',
      'The address that the running host left is not one; restart that host',
    )
  }
  return { origin: url.origin, commandToken, proofKey }
}

/** What a browser opens: the token is in the fragment, which browsers never send. */
export function loginUrl(origin: string, token: string): string {
  return `${origin}/#token=${encodeURIComponent(token)}`
}
