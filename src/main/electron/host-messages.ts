/**
 * What the shell and the host's process say to each other, beside the ports that the shell passes on. No result
 * travels here.
 */

/** From the shell. A message without a kind brings a port. */
export type ShellMessage = { readonly kind: 'attach' } | { readonly kind: 'stop' }

/** From the host's process. `failed`: it cannot start, and ends. */
export type HostProcessMessage =
  { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly message: string }

export function isShellMessage(value: unknown): value is ShellMessage {
  return hasKind(value, ['attach', 'stop'])
}

export function isHostProcessMessage(value: unknown): value is HostProcessMessage {
  return hasKind(value, ['ready', 'failed'])
}

function hasKind(value: unknown, kinds: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  return kinds.some((kind) => kind === value.kind)
}
