/**
 * `@electric-sql/pglite-socket` as a process of its own, as it would be used: one PGlite in memory, many connections.
 * Prints its port as a line of JSON, and ends when its input does.
 */

import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

const [directory, port = '0', path] = process.argv.slice(2)
const pglite = await PGlite.create(directory === undefined || directory === '' ? {} : { dataDir: directory })
const server = new PGLiteSocketServer({
  db: pglite,
  host: '127.0.0.1',
  port: Number(port),
  ...(path === undefined ? {} : { path }),
  maxConnections: 100,
})
await server.start()
process.stdout.write(`${JSON.stringify({ address: server.getServerConn() })}\n`)
process.stdin.resume().once('end', () => process.exit(0))
