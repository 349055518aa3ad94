/**
 * When the connections of a pool have ended. The end() of node-postgres' pools, and of those derived from them, does
 * not wait for that; a server that is stopped meanwhile, or a database that is dropped, ends whoever is still there
 * with 57P01, and a pool that has ended listens to no errors.
 */

interface PoolClient {
  once(event: 'end', listener: () => void): unknown
}

interface Pool {
  on(event: 'connect', listener: (client: PoolClient) => void): unknown
}

/** From now on. What is returned resolves when every connection that `pool` had by then has ended. */
export function departuresOf(pool: Pool): () => Promise<void> {
  const ends: Promise<void>[] = []
  pool.on('connect', (client) => ends.push(new Promise((resolve) => client.once('end', resolve))))
  return async () => {
    await Promise.all(ends)
  }
}
