/**
 * HTTP as bytes on a socket, for requests that no HTTP library lets one send: two Host headers, absolute
 * targets, half a request.
 */

import { connect } from 'node:net'

export interface RawReply {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** Sends `lines` as a request head, then `body`; resolves with everything that came until the other side ended. */
export async function rawRequest(port: number, lines: readonly string[], body = ''): Promise<RawReply> {
  const socket = connect(port, '127.0.0.1')
  const parts: Buffer[] = []
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
  for await (const part of socket as AsyncIterable<Buffer>) {
    parts.push(part)
    // An accepted upgrade stays open: its head is all that is wanted.
    if (Buffer.concat(parts).toString('latin1').startsWith('HTTP/1.1 101')) break
  }
  const text = Buffer.concat(parts).toString('latin1')
  const headEnd = text.indexOf('\r\n\r\n')
  const [statusLine = '', ...headerLines] = text.slice(0, Math.max(headEnd, 0)).split('\r\n')
  const headers = headerLines.map((line): [string, string] => {
    const at = line.indexOf(':')
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]
  })
  return {
    status: Number(statusLine.split(' ')[1] ?? 0),
    headers: new Map(headers),
    body: text.slice(headEnd + 4),
  }
}

/** The head of a WebSocket handshake to `path`. */
export function upgradeLines(path: string, headers: readonly string[]): readonly string[] {
  return [
    `GET ${path} HTTP/1.1`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  ]
}
