/**
 * What the shell and the host's process say to each other, beside the ports that the shell passes on. No result
 * travels here.
 */

import { WorkbenchError } from '../../contract/error.ts'
import { integer, nullable, object, string, union, type Infer, type Schema } from '../../contract/schema.ts'

/** Passwords are 4096 characters at most; sealed and as base64 they are longer. */
const secret = string(65_536)

const shellMessageSchema = union({
  /** Brings a port. */
  attach: object({}),
  stop: object({}),
  /** The answer to `seal` or `unseal`; null where that could not be done. */
  sealing: object({ id: integer(0), text: nullable(secret) }),
})
/** From the shell. */
export type ShellMessage = Infer<typeof shellMessageSchema>

const hostProcessMessageSchema = union({
  ready: object({}),
  /** It cannot start, and ends. */
  failed: object({ message: string(65_536) }),
  /** A secret that the system's keyring is to encrypt, or decrypt, which only the shell's process can. */
  seal: object({ id: integer(0), text: secret }),
  unseal: object({ id: integer(0), text: secret }),
})
/** From the host's process. */
export type HostProcessMessage = Infer<typeof hostProcessMessageSchema>

export function isShellMessage(value: unknown): value is ShellMessage {
  return fits(shellMessageSchema, value)
}

export function isHostProcessMessage(value: unknown): value is HostProcessMessage {
  return fits(hostProcessMessageSchema, value)
}

function fits(schema: Schema<unknown>, value: unknown): boolean {
  try {
    schema.parse(value, 'message')
    return true
  } catch (error) {
    if (error instanceof WorkbenchError) return false
    throw error
  }
}
