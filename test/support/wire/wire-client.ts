/**
 * A client of a Postgres server that hides nothing: it logs in, sends any bytes in any pieces, and writes every
 * message that it reads into a transcript under its own name. Drives one connection; what a test makes of the
 * lines is the test's.
 */

import * as messages from './frontend-messages.ts'
import { errorFields, foldRuns, messageLine } from './message-lines.ts'
import { ScramClient } from './scram-client.ts'
import { WireSocket, type BackendMessage, type SocketAddress } from './wire-socket.ts'

/** Where and as whom to log in. */
export interface Login extends SocketAddress {
  readonly user: string
  readonly password: string
  readonly database: string
  /** Further start-up parameters; `application_name`, `options`, `_pq_.…` */
  readonly parameters?: Readonly<Record<string, string>>
  readonly protocol?: number
}

/** What a client tells the stage that it is on. */
export interface Transcript {
  add(line: string): void
  /** The name of the client whose backend this is. */
  nameOf(pid: number): string
  didStart(name: string, pid: number): void
}

const AUTHENTICATION_SASL = 10
const AUTHENTICATION_SASL_CONTINUE = 11
const AUTHENTICATION_SASL_FINAL = 12

export class WireClient {
  readonly name: string
  readonly login: Login
  readonly socket: WireSocket
  readonly #transcript: Transcript
  /** Of the backend, once logged in. */
  pid = 0
  /** The secret for CancelRequest. */
  key: Buffer = Buffer.alloc(0)
  /** Abandoned, and good for nothing. */
  isSpent = false
  /** Of every ParameterStatus so far, the last value. */
  readonly parameters = new Map<string, string>()

  private constructor(name: string, socket: WireSocket, options: { login: Login; transcript: Transcript }) {
    this.name = name
    this.socket = socket
    this.login = options.login
    this.#transcript = options.transcript
  }

  /** Connects without a word. */
  static async open(name: string, login: Login, transcript: Transcript): Promise<WireClient> {
    return new WireClient(name, await WireSocket.open(login), { login, transcript })
  }

  /** The start-up packet of this client's log-in. */
  startupPacket(): Buffer {
    const { user, database, parameters, protocol } = this.login
    return messages.startup(protocol ?? messages.PROTOCOL_3_0, { user, database, ...parameters })
  }

  /**
   * Starts up and authenticates, and answers what came back as lines, up to the first ReadyForQuery, or `closed`.
   * Runs of ParameterStatus are sorted: their order is the server's own.
   */
  async start(
    send: (bytes: Buffer) => Promise<void> = (bytes) => this.socket.write(bytes),
  ): Promise<string[]> {
    await send(this.startupPacket())
    const scram = new ScramClient(this.login.password)
    const lines: string[] = []
    for (;;) {
      const message = await this.socket.read()
      if (!message) return [...sortRuns(lines), 'closed']
      lines.push(this.#lineOf(message))
      const answer = await authenticationAnswer(message, scram)
      if (answer) await send(answer)
      if (message.type === 'Z') return sortRuns(lines)
    }
  }

  /** Sends without waiting for anything. */
  async send(...parts: Buffer[]): Promise<void> {
    this.#transcript.add(`${this.name}> ${typesOf(parts)}`)
    await this.socket.write(Buffer.concat(parts))
  }

  /** Sends, and reads up to ReadyForQuery; answers the lines. */
  async exchange(...parts: Buffer[]): Promise<string[]> {
    await this.send(...parts)
    return this.ready()
  }

  /** A simple query, and what it brought up to ReadyForQuery. */
  async query(sql: string): Promise<string[]> {
    await this.launch(sql)
    return this.ready()
  }

  /** Sends a simple query without reading its answer. */
  async launch(sql: string): Promise<void> {
    this.#transcript.add(`${this.name}> ${maskPids(sql)}`)
    await this.socket.write(messages.query(sql))
  }

  /** Like `query`, but answers the values of all rows, and puts nothing into the transcript. */
  async values(sql: string): Promise<(string | null)[][]> {
    await this.socket.write(messages.query(sql))
    const rows: (string | null)[][] = []
    for (;;) {
      const message = await this.socket.read()
      if (!message) throw new Error(`${this.name}: closed in the middle of ${sql}`)
      if (message.type === 'D') rows.push(rowValues(message.body))
      if (message.type === 'E') throw new Error(`${sql}: ${this.#lineOf(message)}`)
      if (message.type === 'Z') return rows
    }
  }

  /** Reads up to ReadyForQuery, or to the end of the connection. */
  ready(): Promise<string[]> {
    return this.until('Z')
  }

  /** Reads up to a message of `type`, or to the end of the connection; adds the lines to the transcript. */
  async until(type: string): Promise<string[]> {
    const lines: string[] = []
    for (let line = ''; !line.startsWith(type) && line !== 'closed';) {
      const message = await this.socket.read()
      line = message ? this.#lineOf(message) : 'closed'
      lines.push(line)
    }
    return this.#record(lines)
  }

  /** Reads exactly `count` messages. */
  async take(count: number): Promise<string[]> {
    const lines: string[] = []
    for (let at = 0; at < count; at += 1) {
      const message = await this.socket.read()
      lines.push(message ? this.#lineOf(message) : 'closed')
    }
    return this.#record(lines)
  }

  /** Reads until the server closes. */
  closed(): Promise<string[]> {
    return this.until('closed')
  }

  /** Reads until the server closes, and keeps it out of the transcript. */
  async drain(): Promise<string[]> {
    const lines: string[] = []
    for (let message = await this.socket.read(); message; message = await this.socket.read()) {
      lines.push(this.#lineOf(message))
    }
    return [...lines, 'closed']
  }

  /** Closes; what it was waiting for does not matter any more. */
  abandon(): void {
    this.isSpent = true
    this.socket.destroy()
  }

  /** Sends Terminate and waits until the server has closed. */
  async terminate(): Promise<void> {
    await this.socket.write(messages.terminate())
    await this.drain()
  }

  /** Asks the server, over a connection of its own, to cancel what this client runs; resolves when that closed. */
  async cancel(key: Buffer = this.key, pid = this.pid): Promise<void> {
    const socket = await WireSocket.open(this.login)
    await socket.write(messages.cancelRequest(pid, key))
    const answer = await socket.read()
    socket.destroy()
    if (answer) throw new Error(`CancelRequest was answered with ${answer.type}`)
  }

  #record(lines: readonly string[]): string[] {
    // The order in which a server tells of settings that have changed together is its own.
    const folded = foldRuns(sortRuns(lines))
    for (const line of folded) this.#transcript.add(`${this.name}< ${line}`)
    return folded
  }

  #lineOf(message: BackendMessage): string {
    const { type, body } = message
    if (type === 'K') {
      this.pid = body.readInt32BE(0)
      this.key = body.subarray(4)
      this.#transcript.didStart(this.name, this.pid)
    }
    if (type === 'S') {
      const [name = '', value = ''] = body.toString('utf8').split('\0')
      this.parameters.set(name, value)
    }
    return messageLine(message, (pid) => this.#transcript.nameOf(pid))
  }
}

/** What a client must send after an Authentication message, if anything. */
async function authenticationAnswer(message: BackendMessage, scram: ScramClient): Promise<Buffer | null> {
  if (message.type !== 'R') return null
  const text = message.body.toString('utf8', 4)
  switch (message.body.readInt32BE(0)) {
    case AUTHENTICATION_SASL: {
      const first = Buffer.from(scram.first())
      const body = [messages.cstring('SCRAM-SHA-256'), messages.int32(first.length), first]
      return messages.frame('p', Buffer.concat(body))
    }
    case AUTHENTICATION_SASL_CONTINUE:
      return messages.frame('p', Buffer.from(await scram.final(text)))
    case AUTHENTICATION_SASL_FINAL:
      scram.verify(text)
      return null
    default:
      return null
  }
}

function rowValues(body: Buffer): (string | null)[] {
  let at = 2
  return Array.from({ length: body.readInt16BE(0) }, () => {
    const length = body.readInt32BE(at)
    at += 4 + Math.max(0, length)
    return length < 0 ? null : body.toString('utf8', at - length, at)
  })
}

/** Sorts what stands side by side of ParameterStatus. */
function sortRuns(lines: readonly string[]): string[] {
  const sorted: string[] = []
  let run: string[] = []
  for (const line of [...lines, '']) {
    if (line.startsWith('S ')) {
      run.push(line)
      continue
    }
    sorted.push(...run.sort(), line)
    run = []
  }
  return sorted.slice(0, -1)
}

/** The types of the messages in `parts`, as far as they are framed. */
function typesOf(parts: readonly Buffer[]): string {
  const bytes = Buffer.concat(parts)
  let types = ''
  for (let at = 0; bytes.length - at >= 5;) {
    types += String.fromCharCode(bytes[at] ?? 0)
    at += 1 + Math.max(4, bytes.readInt32BE(at + 1))
  }
  return types
}

/** Pids are in the calls that take one. */
function maskPids(sql: string): string {
  return sql.replaceAll(/(_backend\()\d{2,}/g, '$1pid')
}

/** The SQLSTATE of an E message. */
export function sqlState(message: BackendMessage): string {
  return errorFields(message.body).get('C') ?? ''
}
