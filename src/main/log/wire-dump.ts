/**
 * What one client of the endpoint and its session say to each other, message by message, as hex for the log. Bodies
 * that may have a secret are left out, and so are rows of COPY, whose borders fall anywhere. Begins at the border of
 * a message, after log-in. Keeps a few kilobytes of each message at most.
 */

import { mayHaveSecrets } from './secret-redaction.ts'

/** Looked through for secrets: whatever begins in what is shown is whole in it, with the word that gives it away. */
const lookedAtMax = 4_096
/** Shown of a message. */
const shownMax = 256
const bytesPerLine = 16
const headerBytes = 5

const passwordMessage = 'p'
const copyData = 'd'

/** One line of the log. */
export interface DumpedMessage {
  readonly direction: 'received' | 'sent'
  /** The byte that names its type. */
  readonly type: string
  readonly byteCount: number
  /** Offsets, bytes and characters, as hexdump -C has them; null where it was left out. */
  readonly hex: string | null
}

export class WireDump {
  readonly #received: Messages
  readonly #sent: Messages

  constructor(tell: (message: DumpedMessage) => void) {
    this.#received = new Messages((message) => tell({ direction: 'received', ...message }))
    this.#sent = new Messages((message) => tell({ direction: 'sent', ...message }))
  }

  received(bytes: Uint8Array): void {
    this.#received.follow(bytes)
  }

  sent(bytes: Uint8Array): void {
    this.#sent.follow(bytes)
  }
}

/** One direction. */
class Messages {
  readonly #tell: (message: Omit<DumpedMessage, 'direction'>) => void
  readonly #start = Buffer.alloc(lookedAtMax)
  /** Of the message that is under way. */
  #byteCount = 0
  /** With its type and length; 0 until both are there. */
  #wholeBytes = 0

  constructor(tell: (message: Omit<DumpedMessage, 'direction'>) => void) {
    this.#tell = tell
  }

  follow(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const wanted = this.#wholeBytes === 0 ? headerBytes : this.#wholeBytes
      const part = bytes.subarray(at, at + wanted - this.#byteCount)
      const room = Math.max(0, lookedAtMax - this.#byteCount)
      this.#start.set(part.subarray(0, room), Math.min(this.#byteCount, lookedAtMax))
      this.#byteCount += part.length
      at += part.length
      if (this.#wholeBytes === 0 && this.#byteCount === headerBytes) {
        // The length counts itself and not the type (PostgreSQL 18 documentation, 54.2).
        this.#wholeBytes = Math.max(headerBytes, this.#start.readUInt32BE(1) + 1)
      }
      if (this.#wholeBytes > 0 && this.#byteCount >= this.#wholeBytes) this.#finish()
    }
  }

  #finish(): void {
    const type = this.#start.toString('latin1', 0, 1)
    const known = this.#start.subarray(0, Math.min(this.#byteCount, lookedAtMax))
    const isSecret = type === passwordMessage || type === copyData || mayHaveSecrets(known.toString('latin1'))
    const hex = isSecret ? null : hexDump(known.subarray(0, shownMax))
    this.#tell({ type, byteCount: this.#byteCount, hex })
    this.#byteCount = 0
    this.#wholeBytes = 0
  }
}

function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += bytesPerLine) {
    const part = [...bytes.subarray(at, at + bytesPerLine)]
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(bytesPerLine * 3)} |${text}|`)
  }
  return lines.join('\n')
}
