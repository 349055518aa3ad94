/**
 * Values that a structured clone can carry, as bytes: JSON for what JSON knows, marks for what it does not, and
 * buffers as they are. The one function is self-contained, since its text also runs in pages.
 */

export interface ValueCodec {
  encode(value: unknown): Uint8Array<ArrayBuffer>
  decode(frame: Uint8Array): unknown
}

/** `u32` length of the JSON, `u32` count of buffers, a `u32` length of each, the JSON, the buffers. */
export function createValueCodec(): ValueCodec {
  interface Mark {
    readonly $: string
    readonly v?: unknown
    readonly c?: string
  }
  const text = new TextEncoder()
  const fromText = new TextDecoder()
  const errors: Readonly<Record<string, ErrorConstructor>> = {
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
  }

  function encodeNumber(value: number): unknown {
    if (Object.is(value, -0)) return { $: 'number', v: '-0' }
    return Number.isFinite(value) ? value : { $: 'number', v: String(value) }
  }

  function encodeObject(value: object, buffers: Uint8Array[], seen: Map<object, number>): unknown {
    const known = seen.get(value)
    if (known !== undefined) return { $: 'seen', v: known }
    seen.set(value, seen.size)
    const each = (part: unknown): unknown => encodeValue(part, buffers, seen)
    if (value instanceof Date) return { $: 'date', v: value.getTime() }
    if (value instanceof RegExp) return { $: 'regexp', v: [value.source, value.flags] }
    if (value instanceof Error) return { $: 'error', v: [value.name, value.message, value.stack] }
    if (value instanceof ArrayBuffer) return { $: 'buffer', v: buffers.push(new Uint8Array(value)) - 1 }
    if (ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      const name = value.constructor.name
      return { $: 'view', c: name === 'Buffer' ? 'Uint8Array' : name, v: buffers.push(bytes) - 1 }
    }
    if (value instanceof Map)
      return { $: 'map', v: [...value].map(([key, entry]) => [each(key), each(entry)]) }
    if (value instanceof Set) return { $: 'set', v: [...value].map(each) }
    if (Array.isArray(value)) return value.map(each)
    const entries = Object.entries(value).map(([key, entry]): [string, unknown] => [key, each(entry)])
    const copy = Object.fromEntries(entries)
    return '$' in copy ? { $: 'object', v: copy } : copy
  }

  function encodeValue(value: unknown, buffers: Uint8Array[], seen: Map<object, number>): unknown {
    switch (typeof value) {
      case 'undefined':
        return { $: 'undefined' }
      case 'number':
        return encodeNumber(value)
      case 'bigint':
        return { $: 'bigint', v: String(value) }
      case 'function':
      case 'symbol':
        throw new Error('An object could not be cloned.')
      case 'object':
        return value === null ? null : encodeObject(value, buffers, seen)
      default:
        return value
    }
  }

  function decodeContainer(value: object, buffers: readonly Uint8Array[], seen: unknown[]): unknown {
    const each = (part: unknown): unknown => decodeValue(part, buffers, seen)
    if (Array.isArray(value)) {
      const list: unknown[] = []
      seen.push(list)
      for (const part of value) list.push(each(part))
      return list
    }
    const copy: Record<string, unknown> = {}
    seen.push(copy)
    for (const [key, part] of Object.entries(value)) copy[key] = each(part)
    return copy
  }

  function decodeError([name, message, stack]: readonly string[]): Error {
    const error = new (errors[name ?? ''] ?? Error)(message)
    if (stack !== undefined) error.stack = stack
    return error
  }

  function decodeView(name: string, bytes: Uint8Array): unknown {
    const View = Reflect.get(globalThis, name) as new (buffer: ArrayBufferLike) => unknown
    return new View(bytes.slice().buffer)
  }

  function decodeMark(mark: Mark, buffers: readonly Uint8Array[], seen: unknown[]): unknown {
    const each = (part: unknown): unknown => decodeValue(part, buffers, seen)
    const keep = <Kept>(kept: Kept): Kept => {
      seen.push(kept)
      return kept
    }
    const bytes = (): Uint8Array => buffers[mark.v as number] ?? new Uint8Array()
    switch (mark.$) {
      case 'undefined':
        return undefined
      case 'number':
        return Number(mark.v)
      case 'bigint':
        return BigInt(mark.v as string)
      case 'seen':
        return seen[mark.v as number]
      case 'date':
        return keep(new Date(mark.v as number))
      case 'regexp': {
        const [source = '', flags] = mark.v as string[]
        return keep(new RegExp(source, flags))
      }
      case 'error':
        return keep(decodeError(mark.v as string[]))
      case 'buffer':
        return keep(bytes().slice().buffer)
      case 'view':
        return keep(decodeView(mark.c ?? '', bytes()))
      case 'map': {
        const map = keep(new Map<unknown, unknown>())
        for (const [key, entry] of mark.v as [unknown, unknown][]) map.set(each(key), each(entry))
        return map
      }
      case 'set': {
        const set = keep(new Set<unknown>())
        for (const part of mark.v as unknown[]) set.add(each(part))
        return set
      }
      default:
        return decodeContainer(mark.v as object, buffers, seen)
    }
  }

  function decodeValue(value: unknown, buffers: readonly Uint8Array[], seen: unknown[]): unknown {
    if (typeof value !== 'object' || value === null) return value
    return '$' in value ? decodeMark(value as Mark, buffers, seen) : decodeContainer(value, buffers, seen)
  }

  function encode(value: unknown): Uint8Array<ArrayBuffer> {
    const buffers: Uint8Array[] = []
    const json = text.encode(JSON.stringify(encodeValue(value, buffers, new Map())))
    const head = 8 + 4 * buffers.length
    const total = buffers.reduce((sum, { byteLength }) => sum + byteLength, head + json.byteLength)
    const frame = new Uint8Array(total)
    const numbers = new DataView(frame.buffer)
    numbers.setUint32(0, json.byteLength)
    numbers.setUint32(4, buffers.length)
    buffers.forEach(({ byteLength }, index) => numbers.setUint32(8 + 4 * index, byteLength))
    frame.set(json, head)
    let at = head + json.byteLength
    for (const buffer of buffers) {
      frame.set(buffer, at)
      at += buffer.byteLength
    }
    return frame
  }

  function decode(received: Uint8Array): unknown {
    // A slice of Node's Buffer is no copy, and its memory has much else in it.
    const frame = new Uint8Array(received.buffer, received.byteOffset, received.byteLength)
    const numbers = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
    const count = numbers.getUint32(4)
    const jsonStart = 8 + 4 * count
    let at = jsonStart + numbers.getUint32(0)
    const json = fromText.decode(frame.subarray(jsonStart, at))
    const buffers: Uint8Array[] = []
    for (let index = 0; index < count; index += 1) {
      const end = at + numbers.getUint32(8 + 4 * index)
      buffers.push(frame.subarray(at, end))
      at = end
    }
    return decodeValue(JSON.parse(json), buffers, [])
  }

  return { encode, decode }
}
