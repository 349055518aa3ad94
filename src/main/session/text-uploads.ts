/**
 * Long texts that a client sends in parts before it uses them. They are bounded, used once, and forgotten when
 * nobody goes on with them. One for each client. Knows nothing of what is in a text.
 */

import type { Clock } from '../../base/clock.ts'
import { DisposableStore, onDispose, type Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { textBytesMax, textPartBytesMax } from '../../contract/limits.ts'

/** A text that is complete, or is becoming so. */
interface Upload {
  bytes: Uint8Array<ArrayBuffer>
  size: number
  /** UTF-16 code units, if the bytes are UTF-8. */
  length: number
  parts: number
  isComplete: boolean
  expiry: Disposable
}

export interface UploadedText {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly length: number
}

/** All unused texts of one client: the largest one, and half of another that follows it. */
const uploadBytesMax = textBytesMax + textBytesMax / 2

/** A client uses a text as soon as its last part is there, so this long a pause means that it never will. */
const expiryMs = 60_000

export class TextUploads implements Disposable {
  readonly #clock: Clock
  readonly #uploads = new Map<string, Upload>()
  readonly #lifetimes = new DisposableStore()
  #bytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Adds a part. Throws `conflict` if it is not the next one, `limit-exceeded` if the text grows too large. */
  add(textId: string, part: { index: number; isLast: boolean; bytes: Uint8Array }): void {
    const upload = this.#uploads.get(textId) ?? this.#begin(textId)
    try {
      if (upload.isComplete || part.index !== upload.parts) {
        throw new WorkbenchError(
          'conflict',
          `Part ${part.index} of a text came where part ${upload.parts} was due; send the text again`,
        )
      }
      this.#append(upload, part.bytes)
    } catch (error) {
      this.#forget(textId)
      throw error
    }
    upload.isComplete = part.isLast
    this.#expireLater(textId, upload)
  }

  /** Hands over a complete text and forgets it. Throws `not-found`. */
  take(textId: string): UploadedText {
    const upload = this.#uploads.get(textId)
    if (!upload?.isComplete) {
      throw new WorkbenchError(
        'not-found',
        'The text was not sent completely, or too long ago; send it again',
      )
    }
    this.#forget(textId)
    return { bytes: upload.bytes.subarray(0, upload.size), length: upload.length }
  }

  dispose(): void {
    this.#lifetimes.dispose()
    this.#uploads.clear()
    this.#bytes = 0
  }

  #begin(textId: string): Upload {
    const expiry = this.#lifetimes.add(onDispose('text-upload', () => undefined))
    const upload = {
      ...{ bytes: new Uint8Array(textPartBytesMax), size: 0, length: 0, parts: 0 },
      ...{ isComplete: false, expiry },
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
    if (size > upload.bytes.length) {
      // Doubling copies each byte about once, in pieces that take milliseconds.
      const larger = new Uint8Array(Math.min(textBytesMax, Math.max(size, upload.bytes.length * 2)))
      larger.set(upload.bytes.subarray(0, upload.size))
      upload.bytes = larger
    }
    upload.bytes.set(part, upload.size)
    upload.size = size
    upload.parts++
    upload.length += utf16Length(part)
    this.#bytes += part.length
  }

  #expireLater(textId: string, upload: Upload): void {
    this.#lifetimes.release(upload.expiry)
    upload.expiry.dispose()
    const timer = this.#clock.after(expiryMs, () => this.#forget(textId))
    upload.expiry = this.#lifetimes.add(onDispose('text-upload', () => timer.dispose()))
  }

  #forget(textId: string): void {
    const upload = this.#uploads.get(textId)
    if (!upload) return
    this.#uploads.delete(textId)
    this.#bytes -= upload.size
    this.#lifetimes.release(upload.expiry)
    upload.expiry.dispose()
  }
}

/** Code units of the characters that begin in `part`: one for each, two for those of four bytes. */
function utf16Length(part: Uint8Array): number {
  let length = 0
  for (const byte of part) {
    if (byte < 0x80 || byte >= 0xc0) length++
    if (byte >= 0xf0) length++
  }
  return length
}
