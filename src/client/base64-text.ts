/** Base64 of bytes and back, with what every runtime has (`btoa`, `atob`): Node 20 has nothing better in common. */

/** A call takes so many arguments at least. */
const charsPerCall = 8192

export function base64Of(bytes: Uint8Array): string {
  let chars = ''
  for (let at = 0; at < bytes.length; at += charsPerCall) {
    chars += String.fromCharCode(...bytes.subarray(at, at + charsPerCall))
  }
  return btoa(chars)
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
}
