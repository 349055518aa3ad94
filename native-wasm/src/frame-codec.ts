/**
 * The module of the frame codec: MessagePack written from words that tell of a value and the texts in it, and binary
 * messages taken apart, with headers recognised that differ in their id alone (docs/protocol.md, "Connecting"). Its
 * memory has a fixed size. Knows no JavaScript value and no meaning of a frame.
 */

import * as layout from '../js/layout'

/** Below lies what the compiler keeps for itself. */
const textsAt: u32 = 1024
const tokensAt: u32 = textsAt + <u32>layout.frameTextsBytesMax
const outputAt: u32 = tokensAt + <u32>layout.tokensMax * 4
/** Nothing that does not fit is written; a head is looked for behind the check. */
const outputBytesMax: u32 = 128 << 10
const headBytesMax: u32 = 5
/** How long it is with its head, and then both. */
const keptBytes: u32 = 4 + headBytesMax + <u32>layout.keptTextBytesMax + 3
const keptAt: u32 = outputAt + outputBytesMax
const knownAt: u32 = keptAt + keptBytes * <u32>layout.keptTextsMax
/** How long it is, and where the id begins and ends. */
const knownHeadBytes: u32 = 12
const knownBytes: u32 = knownHeadBytes + <u32>layout.frameKnownBytesMax
const partsAt: u32 = knownAt + knownBytes * <u32>layout.frameKnownMax
const partBytes: u32 = <u32>layout.framePartWords * 4
const messageAt: u32 = partsAt + partBytes * <u32>layout.framePartsMax

const lengthsBytes: u32 = 8
const alignment: u32 = 8
const vectorBytes: u32 = 16
const digitZero: u32 = 0x30

let knownCount: u32 = 0

export function textsPlace(): u32 {
  return textsAt
}

export function tokensPlace(): u32 {
  return tokensAt
}

export function outputPlace(): u32 {
  return outputAt
}

export function partsPlace(): u32 {
  return partsAt
}

export function messagePlace(): u32 {
  return messageAt
}

/** Keeps the text of so many bytes that lies at `from` of the texts. */
export function keep(index: u32, from: u32, bytes: u32): void {
  const place = keptAt + index * keptBytes
  const end = writeText(place + 4, textsAt + from, bytes)
  store<u32>(place, end - place - 4)
}

/** Writes the value of so many tokens to the output and answers its bytes; 0 where it does not fit. */
export function encode(tokenCount: u32): u32 {
  let to = outputAt
  let text = textsAt
  const end = tokensAt + tokenCount * 4
  for (let at = tokensAt; at < end; at += 4) {
    const token = load<u32>(at)
    const count = token >> layout.tokenKindBits
    // A text that is not kept is no longer than all of them.
    const bytesMax: u32 = (token & 7) == layout.tokenText ? count : keptBytes
    if (to + headBytesMax + bytesMax > outputAt + outputBytesMax) return 0
    switch (token & 7) {
      case layout.tokenKept: {
        const place = keptAt + count * keptBytes
        const bytes = load<u32>(place)
        memory.copy(to, place + 4, bytes)
        to += bytes
        break
      }
      case layout.tokenText:
        to = writeText(to, text, count)
        text += count
        break
      case layout.tokenMap:
        to = writeHead(to, count, 0x80, 15, 0xdd)
        break
      case layout.tokenList:
        to = writeHead(to, count, 0x90, 15, 0xdb)
        break
      case layout.tokenNumber:
        to = writeHead(to, count, 0, 127, 0xcc)
        break
      default:
        store<u8>(to++, (token & 7) == layout.tokenNull ? 0xc0 : 0xc1 + (token & 7))
    }
  }
  return to - outputAt
}

function writeText(to: u32, from: u32, bytes: u32): u32 {
  const at = writeHead(to, bytes, 0xa0, 31, 0xd9)
  memory.copy(at, from, bytes)
  return at + bytes
}

/**
 * A type with a number: within the type's byte up to `shortMax`, else in 1, 2 or 4 bytes behind `form8`, `form8` + 1 or
 * + 2. Lists and maps have no form of 1 byte: they begin with 0xdc and 0xde (MessagePack specification, "Formats").
 */
function writeHead(to: u32, number: u32, short: u32, shortMax: u32, form8: u32): u32 {
  if (number <= shortMax) {
    store<u8>(to, short | number)
    return to + 1
  }
  const hasForm8 = form8 == 0xd9 || form8 == 0xcc
  if (hasForm8 && number < 0x100) {
    store<u8>(to, form8)
    store<u8>(to, number, 1)
    return to + 2
  }
  if (number < 0x10000) {
    store<u8>(to, form8 + 1)
    store<u16>(to, bswap<u16>(<u16>number), 1)
    return to + 3
  }
  store<u8>(to, form8 + 2)
  store<u32>(to, bswap<u32>(number), 1)
  return to + 5
}

/** Takes the message of so many bytes apart; answers how many parts there are, or -1 if it is none of modest size. */
export function split(bytes: u32): i32 {
  const end = messageAt + bytes
  let at = messageAt
  let part = partsAt
  let count: i32 = 0
  while (at < end) {
    if (end - at < lengthsBytes || count == layout.framePartsMax) return -1
    const headerBytes = load<u32>(at)
    const payloadBytes = load<u32>(at, 4)
    if (headerBytes > bytes || payloadBytes > bytes) return -1
    const headerAt = at + lengthsBytes
    const payloadAt = aligned(headerAt + headerBytes)
    at = aligned(payloadAt + payloadBytes)
    if (at > end) return -1
    const known = find(headerAt, headerBytes)
    store<u32>(part, known)
    store<u32>(part, known == <u32>layout.frameUnknown ? 0 : idOf(known, headerAt), 4)
    store<u32>(part, headerAt - messageAt, 8)
    store<u32>(part, headerBytes, 12)
    store<u32>(part, payloadAt - messageAt, 16)
    store<u32>(part, payloadBytes, 20)
    part += partBytes
    count++
  }
  return count
}

/** Parts begin at a multiple of the message, which lies at one. */
function aligned(at: u32): u32 {
  return ((at - messageAt + alignment - 1) & ~(alignment - 1)) + messageAt
}

/** Keeps a header of the message that was taken apart last; its id goes from `idAt` to `idEnd` of it. Answers which. */
export function remember(headerAt: u32, headerBytes: u32, idAt: u32, idEnd: u32): u32 {
  const index = knownCount++ % <u32>layout.frameKnownMax
  const place = knownAt + index * knownBytes
  store<u32>(place, headerBytes)
  store<u32>(place, idAt, 4)
  store<u32>(place, idEnd, 8)
  memory.copy(place + knownHeadBytes, messageAt + headerAt, headerBytes)
  return index
}

/** Which header differs from this one in its id alone, which is a number. */
function find(headerAt: u32, headerBytes: u32): u32 {
  const count = min(knownCount, <u32>layout.frameKnownMax)
  for (let index: u32 = 0; index < count; index++) {
    const place = knownAt + index * knownBytes
    if (load<u32>(place) != headerBytes) continue
    const known = place + knownHeadBytes
    const idAt = load<u32>(place, 4)
    const idEnd = load<u32>(place, 8)
    if (!isSame(known, headerAt, idAt)) continue
    if (!isSame(known + idEnd, headerAt + idEnd, headerBytes - idEnd)) continue
    if (isNumber(headerAt + idAt, headerAt + idEnd)) return index
  }
  return <u32>layout.frameUnknown
}

function isSame(one: u32, other: u32, bytes: u32): bool {
  let at: u32 = 0
  while (at + vectorBytes <= bytes) {
    if (v128.any_true(v128.xor(v128.load(one + at), v128.load(other + at)))) return false
    at += vectorBytes
  }
  while (at < bytes) {
    if (load<u8>(one + at) != load<u8>(other + at)) return false
    at++
  }
  return true
}

/** Digits without a zero in front: what is made of the number again is what was there. */
function isNumber(at: u32, end: u32): bool {
  if (load<u8>(at) == digitZero && end - at > 1) return false
  for (; at < end; at++) if (<u32>load<u8>(at) - digitZero > 9) return false
  return true
}

function idOf(index: u32, headerAt: u32): u32 {
  const place = knownAt + index * knownBytes
  const end = headerAt + load<u32>(place, 8)
  let id: u32 = 0
  for (let at = headerAt + load<u32>(place, 4); at < end; at++) id = id * 10 + (load<u8>(at) - digitZero)
  return id
}
