/**
 * Headers of answers that differ in nothing but the request that they answer, as those of one statement do: decoded
 * once and then recognised by their bytes, which costs a tenth. Knows no frame's meaning.
 */

interface KnownHeader {
  readonly bytes: Uint8Array
  /** Where the request's id lies in it, whose length may not differ either. */
  readonly idAt: number
  readonly idEnd: number
  readonly meta: object
  readonly envelope: object
}

/** Statements that are asked in turns; more are decoded as if they were new. */
const knownMax = 16
/** Larger ones are rare, and not worth keeping. */
const headerBytesMax = 2 << 10

/** `request_id` as a key of MessagePack: a fixstr of ten characters (its specification, "str format family"). */
const idKey = Uint8Array.from([0xaa, ...Array.from('request_id', (char) => char.charCodeAt(0))])
const fixstrMin = 0xa0
const fixstrMax = 0xbf

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
    if (header.length > headerBytesMax || typeof envelope !== 'object' || envelope === null) return
    const meta: unknown = Reflect.get(envelope, 'meta')
    if (typeof meta !== 'object' || meta === null) return
    const idAt = indexOfId(header)
    if (idAt < 0) return
    const idEnd = idAt + (header[idAt - 1] ?? 0) - fixstrMin
    const known = { bytes: header.slice(), idAt, idEnd, meta, envelope }
    // The key may also lie in some text of the header: then it is not the id that is found there.
    if (textOf(header, idAt, idEnd) !== Reflect.get(meta, 'request_id')) return
    this.#known[this.#next] = known
    this.#next = (this.#next + 1) % knownMax
  }
}

function isAlike({ bytes, idAt, idEnd }: KnownHeader, header: Uint8Array): boolean {
  if (bytes.length !== header.length) return false
  for (let at = 0; at < idAt; at += 1) if (bytes[at] !== header[at]) return false
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

/** Ids of this client are digits. */
function textOf(header: Uint8Array, from: number, until: number): string {
  let text = ''
  for (let at = from; at < until; at += 1) text += String.fromCharCode(header[at] ?? 0)
  return text
}
