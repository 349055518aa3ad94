/**
 * A client for measurements: logs in with SCRAM whose keys are derived once for each password and salt (RFC 5802
 * allows it), so that servers are measured and not the client; then counts bytes and reads no message.
 */

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { ServerAddress } from '../test/support/wire/server-address.ts'
import { PROTOCOL_3_0, startup } from '../test/support/wire/frontend-messages.ts'

interface ClientKeys {
  readonly clientKey: Buffer
  readonly storedKey: Buffer
}

const knownKeys = new Map<string, ClientKeys>()
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

export class RawClient {
  readonly socket: Socket
  processId = 0
  key: Buffer = Buffer.alloc(0)
  #rest = Buffer.alloc(0)
  #onData: (chunk: Buffer) => void = () => undefined

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
  }

  static async open(address: ServerAddress): Promise<RawClient> {
    const socket = connect({ host: address.host, port: address.port, noDelay: true })
    await once(socket, 'connect')
    const client = new RawClient(socket)
    await client.#logIn(address)
    return client
  }

  /** Sends and waits for the answer's end; tells its bytes and when the first of them came. */
  async ask(message: Uint8Array): Promise<{ bytes: number; firstMs: number; totalMs: number }> {
    const started = performance.now()
    let [bytes, firstMs] = [0, 0]
    let tail = Buffer.alloc(0)
    await new Promise<void>((resolve, reject) => {
      this.socket.once('close', () => reject(new Error('The server closed the connection')))
      this.#onData = (chunk) => {
        if (bytes === 0) firstMs = performance.now() - started
        bytes += chunk.length
        tail = Buffer.concat([tail, chunk.subarray(-6)]).subarray(-6)
        // ReadyForQuery is the last message, and no other can look like it at the end of a chunk of these answers.
        if (tail.length === 6 && tail[0] === 0x5a && tail.readInt32BE(1) === 5) resolve()
      }
      this.socket.write(message)
    })
    this.socket.removeAllListeners('close')
    return { bytes, firstMs, totalMs: performance.now() - started }
  }

  end(): void {
    this.socket.end(Buffer.from([0x58, 0, 0, 0, 4]))
    this.socket.destroySoon()
  }

  async #logIn({ user, password, database }: ServerAddress): Promise<void> {
    const bare = `n=,r=${randomBytes(18).toString('base64')}`
    this.#collect()
    this.socket.write(startup(PROTOCOL_3_0, { user, database }))
    for (;;) {
      const { type, body } = await this.#message()
      if (type === 'E') throw new Error(body.toString())
      if (type === 'K') {
        this.processId = body.readInt32BE(0)
        this.key = body.subarray(4)
      }
      if (type === 'Z') return
      if (type !== 'R') continue
      const kind = body.readInt32BE(0)
      if (kind === 10) this.socket.write(saslFirst(`n,,${bare}`))
      if (kind === 11) {
        this.socket.write(message('p', Buffer.from(final(password, bare, body.subarray(4).toString()))))
      }
    }
  }

  #wake: () => void = () => undefined

  #collect(): void {
    this.#onData = (chunk) => {
      this.#rest = Buffer.concat([this.#rest, chunk])
      this.#wake()
    }
    this.socket.on('close', () => this.#wake())
  }

  async #message(): Promise<{ type: string; body: Buffer }> {
    while (this.#rest.length < 5 || this.#rest.length < 1 + this.#rest.readInt32BE(1)) {
      if (this.socket.destroyed) throw new Error('The server closed the connection')
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    const end = 1 + this.#rest.readInt32BE(1)
    const found = { type: String.fromCharCode(this.#rest[0] ?? 0), body: this.#rest.subarray(5, end) }
    this.#rest = this.#rest.subarray(end)
    return found
  }
}

/** What follows from the password and the salt alone. */
function keysOf(password: string, salt: string, iterations: number): ClientKeys {
  const known = `${password} ${salt} ${iterations}`
  let keys = knownKeys.get(known)
  if (!keys) {
    const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), iterations, 32, 'sha256')
    const clientKey = hmac(salted, 'Client Key')
    keys = { clientKey, storedKey: createHash('sha256').update(clientKey).digest() }
    knownKeys.set(known, keys)
  }
  return keys
}

function final(password: string, bare: string, challenge: string): string {
  const parts = new Map(challenge.split(',').map((part) => [part.slice(0, 1), part.slice(2)]))
  const { clientKey, storedKey } = keysOf(password, parts.get('s') ?? '', Number(parts.get('i')))
  const withoutProof = `c=biws,r=${parts.get('r')}`
  const signature = hmac(storedKey, `${bare},${challenge},${withoutProof}`)
  return `${withoutProof},p=${Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0))).toString('base64')}`
}

function saslFirst(text: string): Buffer {
  const head = Buffer.from('SCRAM-SHA-256\0')
  const length = Buffer.alloc(4)
  length.writeInt32BE(text.length)
  return message('p', Buffer.concat([head, length, Buffer.from(text)]))
}

export function message(type: string, body: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

export function query(sql: string): Buffer {
  return message('Q', Buffer.from(`${sql}\0`))
}
