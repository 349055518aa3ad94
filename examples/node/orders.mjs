/**
 * A script for Node: fills a table in one transaction, reads a large result batch by batch without an object for each
 * row, and shows what an error tells. Where it connects to is in the environment.
 */
import { connect, sql, WardianError } from '@wardian/client'

const { WARDIAN_URL = 'ws://127.0.0.1:5480', WARDIAN_TENANT = 'playground', WARDIAN_TOKEN = '' } = process.env

/** Node has a WebSocket of its own from version 22 on. */
const webSocket = globalThis.WebSocket ?? (await import('ws')).WebSocket

const db = await connect({ url: WARDIAN_URL, tenant: WARDIAN_TENANT, token: WARDIAN_TOKEN, webSocket })
try {
  const count = await db.transaction(async (tx) => {
    await tx.sql`create table if not exists measurements (at timestamptz, sensor text, value float8)`
    await tx.sql`truncate measurements`
    const { rowCount } = await tx.sql`
      insert into measurements
      select now() - i * interval '1 second', 'sensor ' || i % ${7}::int, i * 0.5
      from generate_series(1, ${50_000}::int) i`
    return rowCount
  })
  process.stdout.write(`${count} measurements\n`)

  let sum = 0
  const stream = db.stream(sql`select value from measurements where sensor <> ${'sensor 3'}`)
  for await (const batch of stream) {
    // A Float64Array over what has come, not an array of objects.
    for (const value of batch.columns()[0].values) sum += value
  }
  process.stdout.write(`${stream.end.rowCount} of them add up to ${sum}\n`)

  const { rows } = await db.sql`
    select sensor, max(value) as max, count(*) from measurements group by sensor order by sensor limit 2`
  for (const { sensor, max, count: readings } of rows)
    process.stdout.write(`${sensor}: ${max}, ${readings} readings\n`)

  await db.query('select valu from measurements')
} catch (error) {
  if (!(error instanceof WardianError)) throw error
  process.stdout.write(
    `${error.code} ${error.sqlstate}: ${error.message} (character ${error.sql?.position})\n`,
  )
} finally {
  db.close()
}
