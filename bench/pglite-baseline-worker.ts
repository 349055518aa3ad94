/**
 * The two baselines of the result-path benchmark, on a stock PGlite in a worker: bytes discarded as they arrive
 * (`floor`), and `db.query` with its objects sent to the other thread (`query`). Knows nothing of the product.
 */

import { PGlite } from '@electric-sql/pglite'
import { serialize } from 'pg-protocol'
import { parentPort, workerData } from 'node:worker_threads'
import { present } from '../src/base/assert.ts'

interface BaselineSetup {
  readonly setupSql: string
  readonly sql: string
  /** 1 = binary, 0 = text; the same that the product asks for. */
  readonly formats: readonly number[]
}

const setup = workerData as BaselineSetup
const port = present(parentPort, 'the port to the benchmark')
const db = await PGlite.create()
await db.exec(setup.setupSql)

// pg-protocol writes one result format for all columns; formats per column need the Bind written out
// (PostgreSQL 18 documentation, section 54.7, Bind).
function bind(formats: readonly number[]): Uint8Array {
  const body = new DataView(new ArrayBuffer(2 + 2 + 2 + 2 + 2 * formats.length))
  body.setUint16(6, formats.length)
  formats.forEach((format, index) => body.setUint16(8 + 2 * index, format))
  const message = new Uint8Array(5 + body.byteLength)
  message[0] = 'B'.charCodeAt(0)
  new DataView(message.buffer).setUint32(1, 4 + body.byteLength)
  message.set(new Uint8Array(body.buffer), 5)
  return message
}

const request = Buffer.concat([
  serialize.parse({ text: setup.sql }),
  bind(setup.formats),
  serialize.execute({}),
  serialize.sync(),
])

port.on('message', (mode: 'floor' | 'query') => {
  void run(mode)
})
port.postMessage('ready')

async function run(mode: 'floor' | 'query'): Promise<void> {
  if (mode === 'query') {
    const result = await db.query(setup.sql)
    port.postMessage(result.rows)
    return
  }
  let bytes = 0
  await db.execProtocolRawStream(request, {
    syncToFs: false,
    onRawData: (data) => {
      bytes += data.length
    },
  })
  port.postMessage(bytes)
}
