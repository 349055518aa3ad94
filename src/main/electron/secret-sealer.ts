/**
 * Seals secrets with the system's keyring, in the shell's process, for the host's. What the keyring cannot do is
 * answered with null, never done with less. Imports nothing of Electron, so that it is tested.
 */

import type { HostProcessMessage, ShellMessage } from './host-messages.ts'

/** What is used of Electron's `safeStorage`. */
export interface Keyring {
  isEncryptionAvailable(): boolean
  /** On Linux alone: `basic_text` is a key that everybody knows. */
  getSelectedStorageBackend?(): string
  encryptString(text: string): Buffer
  decryptString(sealed: Buffer): string
}

/** Whether what it seals is readable to this user alone. */
export function canSeal(keyring: Keyring, platform: string): boolean {
  if (!keyring.isEncryptionAvailable()) return false
  if (platform !== 'linux') return true
  return !['basic_text', 'unknown'].includes(keyring.getSelectedStorageBackend?.() ?? 'unknown')
}

/** The answer to what the host's process asks; null for what is no such question. */
export function answerSealing(
  message: HostProcessMessage,
  { keyring, platform }: { readonly keyring: Keyring; readonly platform: string },
): ShellMessage | null {
  if (message.kind !== 'seal' && message.kind !== 'unseal') return null
  const { id, kind, text } = message
  const answer = (found: string | null): ShellMessage => ({ kind: 'sealing', id, text: found })
  try {
    if (!canSeal(keyring, platform)) return answer(null)
    if (kind === 'seal') return answer(keyring.encryptString(text).toString('base64'))
    return answer(keyring.decryptString(Buffer.from(text, 'base64')))
  } catch {
    // Another user's keyring, another machine's, or damaged: the same to whoever asks.
    return answer(null)
  }
}
