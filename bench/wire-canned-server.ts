/**
 * Answers what pgbench and `RawClient` ask without any database, with the same bytes each time: what Node's socket, the
 * client and the machine take by themselves, which no server written in Node can be faster than. A process of its own:
 * prints its port as a line of JSON, ends when its input does. Takes any password; checks nothing.
 */

import { createServer, type Socket } from 'node:net'
import { message } from './wire-raw.ts'

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const ready = message('Z', Buffer.from('I'))
const rowOf = (...cells: readonly (string | null)[]): Buffer => {
  const count = Buffer.alloc(2)
  count.writeInt16BE(cells.length)
  const parts = cells.map((cell) =>
    cell === null ? word(-1) : Buffer.concat([word(cell.length), Buffer.from(cell)]),
  )
  return message('D', Buffer.concat([count, ...parts]))
}

/** RowDescription of columns of integers. */
function columns(...names: readonly string[]): Buffer {
  const count = Buffer.alloc(2)
  count.writeInt16BE(names.length)
  const rest = Buffer.from('000000000000000000170004ffffffff0000', 'hex')
  return message(
    'T',
    Buffer.concat([count, ...names.map((name) => Buffer.concat([Buffer.from(`${name}\0`), rest]))]),
  )
}

const one = {
  columns: columns('abalance'),
  rows: Buffer.concat([rowOf('1'), message('C', Buffer.from('SELECT 1\0'))]),
}
/** What pgbench asks of its tables before it begins (GetTableInfo, bin/pgbench/pgbench.c). */
const tableInfo = Buffer.concat([
  columns('n', 'partstrat', 'count'),
  rowOf('1', null, '0'),
  message('C', Buffer.from('SELECT 1\0')),
  ready,
])
const simple = Buffer.concat([one.columns, one.rows, ready])
const welcome = Buffer.concat([
  message('R', word(0)),
  // As many as a server sends.
  ...Array.from({ length: 14 }, (_, index) => message('S', Buffer.from(`a_parameter_${index}\0its value\0`))),
  message('K', Buffer.concat([word(1), word(2)])),
  ready,
])
const sasl = message('R', Buffer.concat([word(10), Buffer.from('SCRAM-SHA-256\0\0')]))
const saslContinue = message(
  'R',
  Buffer.concat([word(11), Buffer.from('r=abcabcabcabcabcabcabcabc,s=QSXCR+Q6sek8bf92,i=4096')]),
)
const saslFinal = Buffer.concat([message('R', Buffer.concat([word(12), Buffer.from('v=abc')])), welcome])

/** By the type of the message, for clients that are logged in. */
const answers: Readonly<Record<string, Buffer>> = {
  P: message('1', Buffer.alloc(0)),
  B: message('2', Buffer.alloc(0)),
  D: one.columns,
  E: one.rows,
  S: ready,
}

class Canned {
  readonly #socket: Socket
  #rest: Buffer = Buffer.alloc(0)
  #hasStarted = false
  #saslCount = 0

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => this.#take(chunk))
  }

  #take(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const out: Buffer[] = []
    for (;;) {
      const head = this.#hasStarted ? 1 : 0
      if (this.#rest.length < head + 4) break
      const end = head + this.#rest.readInt32BE(head)
      if (this.#rest.length < end) break
      out.push(this.#answer(this.#rest.subarray(0, end)))
      this.#rest = this.#rest.subarray(end)
    }
    if (out.length > 0) this.#socket.write(out.length === 1 ? (out[0] ?? ready) : Buffer.concat(out))
  }

  #answer(bytes: Buffer): Buffer {
    if (!this.#hasStarted) {
      this.#hasStarted = true
      // pgbench looks at what a server proves of its password, RawClient does not.
      return bytes.includes('user\0canned\0') ? welcome : sasl
    }
    const type = String.fromCharCode(bytes[0] ?? 0)
    if (type === 'p') return this.#saslCount++ === 0 ? saslContinue : saslFinal
    if (type === 'Q') return bytes.includes('partstrat') ? tableInfo : simple
    return answers[type] ?? Buffer.alloc(0)
  }
}

const server = createServer({ noDelay: true }, (socket) => new Canned(socket))
const [port = '0', path] = process.argv.slice(2)
server.listen(path === undefined ? { port: Number(port), host: '127.0.0.1' } : { path }, () => {
  process.stdout.write('{}\n')
})
process.stdin.resume().once('end', () => process.exit(0))
