/**
 * The thread of one run of pg_dump. Its reads and writes block here, on memory shared with the host; the host moves
 * bytes to and from the database, and takes the dump piece by piece. Knows no database.
 */

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { present } from '../../base/assert.ts'
import { loadPgDump, type PgDumpModule } from './pg-dump-module.ts'
import {
  dumpWords,
  outputPiecesMax,
  type PgDumpInput,
  type PgDumpMessage,
  type PgDumpStart,
} from './pg-dump-messages.ts'

/** Where it may be found by itself, as it wants to. */
const programFile = '/pg_dump'
/** A device cannot be sought in, so archives are written from front to back. */
const outputDevice = '/dev/dump'
const deviceMajor = 64

/** pg_dump writes some KB at once; this is what crosses threads. */
const outputPieceBytes = 128 << 10

/** Terminate (PostgreSQL 18 documentation, section 54.7): what it was connected with is the host's. */
const terminateType = 0x58

const port = present(parentPort, 'The port to the host')
const start = workerData as PgDumpStart
const words = new Int32Array(start.words)

function tell(message: PgDumpMessage): void {
  const transfers = message.kind === 'send' || message.kind === 'output' ? [message.bytes.buffer] : []
  port.postMessage(message, transfers)
}

/** The frontend's side of the connection. */
class DumpConnection {
  #isStarted = false
  #received: Uint8Array = new Uint8Array(0)

  /** libpq's send. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#isStarted) {
      if (bytes[0] !== terminateType) tell({ kind: 'send', bytes })
      return
    }
    // Neither TLS nor GSS is asked for of what looks like a Unix-domain socket: it is the start-up packet.
    this.#isStarted = true
    this.#received = start.greeting
  }

  /** libpq's recv: at least one byte, and none at the end. */
  receive(target: Uint8Array): number {
    if (this.#received.length === 0) this.#received = this.#wait() ?? new Uint8Array(0)
    const bytes = this.#received.subarray(0, target.length)
    target.set(bytes)
    this.#received = this.#received.subarray(bytes.length)
    return bytes.length
  }

  #wait(): PgDumpInput {
    tell({ kind: 'want' })
    for (;;) {
      const seen = Atomics.load(words, dumpWords.inbox)
      const received = receiveMessageOnPort(port)
      if (received) return received.message as PgDumpInput
      Atomics.wait(words, dumpWords.inbox, seen)
    }
  }
}

/** The file that the dump is written to. */
class DumpOutput {
  readonly #piece = new Uint8Array(outputPieceBytes)
  #filled = 0
  #pieceCount = 0

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + outputPieceBytes - this.#filled)
      this.#piece.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled === outputPieceBytes) this.flush()
    }
  }

  /** Blocks while the host has not passed on enough of what came before. */
  flush(): void {
    if (this.#filled === 0) return
    for (;;) {
      const passedOn = Atomics.load(words, dumpWords.passedOn)
      if (this.#pieceCount - passedOn < outputPiecesMax) break
      Atomics.wait(words, dumpWords.passedOn, passedOn)
    }
    tell({ kind: 'output', bytes: this.#piece.slice(0, this.#filled) })
    this.#filled = 0
    this.#pieceCount++
  }
}

function connect(module: PgDumpModule): void {
  const connection = new DumpConnection()
  const view = (pointer: number, length: number): Uint8Array<ArrayBuffer> =>
    module.HEAPU8.subarray(pointer, pointer + length)
  const receive = module.addFunction((pointer, length) => connection.receive(view(pointer, length)), 'iii')
  const send = module.addFunction((pointer, length) => {
    connection.send(view(pointer, length).slice())
    return length
  }, 'iii')
  module._pgl_set_rw_cbs(receive, send)
}

function outputTo(module: PgDumpModule): DumpOutput {
  const output = new DumpOutput()
  const device = module.FS.makedev(deviceMajor, 0)
  const operations = {
    // Emscripten's: stream, memory, place in it, length, and place in the file.
    write(...[, heap, at, length]: [object, { readonly buffer: ArrayBuffer }, number, number]) {
      output.write(new Uint8Array(heap.buffer, at, length))
      return length
    },
  }
  module.FS.registerDevice(device, operations)
  module.FS.mkdev(outputDevice, 0o600, device)
  return output
}

const module = await loadPgDump(programFile, (text) => tell({ kind: 'remark', text }))
module.FS.writeFile(programFile, '', { mode: 0o755 })
// Without a host name libpq believes in a Unix-domain socket. On a command line a name may be a connection string.
Object.assign(module.ENV, { PGDATABASE: start.database })
connect(module)
const output = outputTo(module)
const connecting = [`--username=${start.role}`, '--no-password']
const exitCode = module.callMain([...start.arguments, ...connecting, `--file=${outputDevice}`])
output.flush()
tell({ kind: 'ended', exitCode })
