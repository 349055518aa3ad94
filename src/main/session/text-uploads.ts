/**
 * Long texts that a client sends in parts before it uses them. They are bounded, used once, and forgotten when
 * nobody goes on with them. One for each client. Whatever is done with a text is done part by part, so that none
 * holds up the host.
 */

import type { Clock } from '../../base/clock.ts'
import { onDispose, type Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { textBytesMax, textPartBytesMax } from '../../contract/limits.ts'
import { joinBytes } from './join-bytes.ts'
import { SqlInspector, type SqlText } from './sql-text.ts'

/** A text that is complete, or is becoming so. */
interface Upload {
  readonly parts: Uint8Array[]
  readonly inspector: SqlInspector
  size: number
  isComplete: boolean
  expiry: Disposable
}

/** All unused texts of one client: the largest one, and half of another that follows it. */
const uploadBytesMax = textBytesMax + textBytesMax / 2

/** A client uses a text as soon as its last part is there, so this long a pause means that it never will. */
const expiryMs = 60_000

export class TextUploads implements Disposable {
  readonly #clock: Clock
  readonly #uploads = new Map<string, Upload>()
  #bytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Adds a part, whose bytes are kept. Throws `conflict` if it is not the next one, `limit-exceeded` if the text
   * grows too large.
   */
  add(textId: string, part: { index: number; isLast: boolean; bytes: Uint8Array }): void {
    const upload = this.#uploads.get(textId) ?? this.#begin(textId)
    try {
      if (upload.isComplete || part.index !== upload.parts.length) {
        throw new WorkbenchError(
          'conflict',
          `Part ${part.index} of a text came where part ${upload.parts.length} was due; send the text again`,
        )
      }
      this.#append(upload, part.bytes)
    } catch (error) {
      this.#forget(textId)
      throw error
    }
    upload.isComplete = part.isLast
    upload.expiry.dispose()
    upload.expiry = this.#expireLater(textId)
  }

  /** Hands over a complete text as bytes of its own, and forgets it. Throws `not-found`. */
  async takeBytes(textId: string): Promise<Uint8Array<ArrayBuffer>> {
    const { parts, size } = this.#take(textId)
    return joinBytes(parts, size)
  }

  /** Hands over a complete text as SQL, and forgets it. Throws `not-found`. */
  async takeSql(textId: string): Promise<SqlText> {
    const { parts, size, inspector } = this.#take(textId)
    return { bytes: await joinBytes(parts, size), ...inspector.end() }
  }

  dispose(): void {
    for (const textId of [...this.#uploads.keys()]) this.#forget(textId)
  }

  #begin(textId: string): Upload {
    const upload: Upload = {
      ...{ parts: [], inspector: new SqlInspector(), size: 0, isComplete: false },
      expiry: this.#expireLater(textId),
    }
    this.#uploads.set(textId, upload)
    return upload
  }

  #append(upload: Upload, part: Uint8Array): void {
    const size = upload.size + part.length
    if (part.length > textPartBytesMax || size > textBytesMax || this.#bytes + part.length > uploadBytesMax) {
      const megabytes = textBytesMax >> 20
      throw new WorkbenchError('limit-exceeded', `A text may have ${megabytes} MB; run or store it in pieces`)
    }
    upload.parts.push(part)
    upload.inspector.add(part)
    upload.size = size
    this.#bytes += part.length
  }

  #take(textId: string): Upload {
    const upload = this.#uploads.get(textId)
    if (!upload?.isComplete) {
      throw new WorkbenchError(
        'not-found',
        'The text was not sent completely, or too long ago; send it again',
      )
    }
    this.#forget(textId)
    return upload
  }

  #expireLater(textId: string): Disposable {
    const timer = this.#clock.after(expiryMs, () => this.#forget(textId))
    return onDispose('text-upload', () => timer.dispose())
  }

  #forget(textId: string): void {
    const upload = this.#uploads.get(textId)
    if (!upload) return
    this.#uploads.delete(textId)
    this.#bytes -= upload.size
    upload.expiry.dispose()
  }
}
