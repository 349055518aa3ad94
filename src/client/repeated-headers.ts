/**
 * Headers of answers that differ in nothing but the request that they answer, as those of one statement do: decoded
 * once and then recognised by their bytes, which costs a tenth. Knows no frame's meaning.
 */

/** An envelope, and where the request's id lies in its header. */
export interface EnvelopeWithId {
  readonly idAt: number
  readonly idEnd: number
  readonly meta: object
  readonly envelope: object
}

interface KnownHeader extends EnvelopeWithId {
  /** Those of another may differ in the id, but not in its length. */
  readonly bytes: Uint8Array
}

/** Statements that are asked in turns; more are decoded as if they were new. */
const knownMax = 16
/** Larger ones are rare, and not worth keeping. */
const headerBytesMax = 2 << 10

/** `request_id` as a key of MessagePack: a fixstr of ten characters (its specification, "str format family"). */
const idKey = Uint8Array.from([0xaa, ...Array.from('request_id', (char) => char.charCodeAt(0))])
const fixstrMin = 0xa0
const fixstrMax = 0xbf
const asciiEnd = 0x80

export class RepeatedHeaders {
  readonly #known: KnownHeader[] = []
  #next = 0

  /** What `header` says; `decode` is asked where that is not known. The answer is shared and may not be changed. */
  read(header: Uint8Array, decode: (header: Uint8Array) => unknown): unknown {
    for (const known of this.#known) {
      if (isAlike(known, header)) return envelopeOf(known, header)
    }
    const envelope = decode(header)
    this.#remember(header, envelope)
    return envelope
  }

  #remember(header: Uint8Array, envelope: unknown): void {
    const place = header.length > headerBytesMax ? null : placeOfId(header, envelope)
    if (!place) return
    this.#known[this.#next] = { bytes: header.slice(), ...place }
    this.#next = (this.#next + 1) % knownMax
  }
}

/** Where the id of `envelope` lies in its header; null where that is not clear. */
export function placeOfId(header: Uint8Array, envelope: unknown): EnvelopeWithId | null {
  if (typeof envelope !== 'object' || envelope === null) return null
  const meta: unknown = Reflect.get(envelope, 'meta')
  if (typeof meta !== 'object' || meta === null) return null
  const idAt = indexOfId(header)
  if (idAt < 0) return null
  const idEnd = idAt + (header[idAt - 1] ?? 0) - fixstrMin
  // The key may also lie in some text of the header: then it is not the id that is found there.
  if (textOf(header, idAt, idEnd) !== Reflect.get(meta, 'request_id')) return null
  return { idAt, idEnd, meta, envelope }
}

function isAlike({ bytes, idAt, idEnd }: KnownHeader, header: Uint8Array): boolean {
  if (bytes.length !== header.length) return false
  for (let at = 0; at < idAt; at += 1) if (bytes[at] !== header[at]) return false
  for (let at = idAt; at < idEnd; at += 1) if ((header[at] ?? 0) >= asciiEnd) return false
  for (let at = idEnd; at < bytes.length; at += 1) if (bytes[at] !== header[at]) return false
  return true
}

function envelopeOf({ idAt, idEnd, meta, envelope }: KnownHeader, header: Uint8Array): unknown {
  return { ...envelope, meta: { ...meta, request_id: textOf(header, idAt, idEnd) } }
}

/** Of the first id's first character; -1 if there is none that is short. */
function indexOfId(header: Uint8Array): number {
  for (let at = 0; at + idKey.length < header.length; at += 1) {
    if (!idKey.every((byte, offset) => header[at + offset] === byte)) continue
    const head = header[at + idKey.length] ?? 0
    return head > fixstrMin && head <= fixstrMax ? at + idKey.length + 1 : -1
  }
  return -1
}

/** Of ASCII: ids of this client are digits. */
function textOf(header: Uint8Array, from: number, until: number): string {
  let text = ''
  for (let at = from; at < until; at += 1) text += String.fromCharCode(header[at] ?? 0)
  return text
}
