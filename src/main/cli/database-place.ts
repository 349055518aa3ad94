/**
 * What a command's argument means by a database: an instance of the data directory, or a server's address. Knows no
 * transfer.
 */

import type { DatabasePlace, RestoreTarget } from '../../contract/transfer.ts'
import type { WorkbenchClient } from './host-connection.ts'
import { findInstance } from './instance-commands.ts'

/** libpq knows both schemes (PostgreSQL 18 documentation, section 32.1.1.2). */
const address = /^postgres(?:ql)?:\/\//i

/** Throws `not-found` for a name that no instance has. */
export async function databasePlace(client: WorkbenchClient, database: string): Promise<DatabasePlace> {
  if (address.test(database)) return { kind: 'url', url: database }
  return { kind: 'instance', instanceId: (await findInstance(client, database)).id }
}

/** As databasePlace; a name that no instance has is that of one that is to be made. */
export async function restoreTarget(client: WorkbenchClient, database: string): Promise<RestoreTarget> {
  if (address.test(database)) return { kind: 'url', url: database }
  const name = database.trim().normalize('NFC')
  const found = (await client.call('instance.list', null)).find((instance) => instance.name === name)
  return found ? { kind: 'instance', instanceId: found.id } : { kind: 'newInstance', name }
}
