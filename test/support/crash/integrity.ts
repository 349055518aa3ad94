/** Asks Postgres's own amcheck whether every table and index of a database is whole, those of catalogs too. */

import type { Row } from './crash-client.ts'

type Query = (sql: string) => Promise<readonly Row[]>

/** Temporary tables of sessions that are gone are not looked at. */
const ofRelations = `from pg_class c where c.relpersistence = 'p'`

/** Everything that is wrong; the extension must be there. Reads every page of the database. */
export async function findDamage(query: Query): Promise<string[]> {
  const damage: string[] = []
  const indexes = await query(
    `select c.oid::int as oid, c.oid::regclass::text as name, am.amname as kind ${ofRelations.replace(
      'where',
      'join pg_am am on am.oid = c.relam join pg_index i on i.indexrelid = c.oid where i.indisvalid and',
    )} and c.relkind = 'i' and am.amname in ('btree', 'gin')`,
  )
  for (const { oid, name, kind } of indexes) {
    const check = kind === 'gin' ? `gin_index_check(${String(oid)})` : `bt_index_check(${String(oid)}, true)`
    await query(`select ${check}`).catch((error: unknown) => {
      damage.push(`${String(name)}: ${error instanceof Error ? error.message : String(error)}`)
    })
  }
  const tables = await query(
    `select c.oid::int as oid, c.oid::regclass::text as name ${ofRelations} and c.relkind in ('r', 't', 'm')`,
  )
  for (const { oid, name } of tables) {
    const found = await query(`select * from verify_heapam(${String(oid)}, check_toast => true)`)
    damage.push(...found.map((row) => `${String(name)}: ${JSON.stringify(row)}`))
  }
  return indexes.length > 100 && tables.length > 60 ? damage : ['amcheck was asked of too little']
}
