/**
 * When the connections of a pool have ended. The end() of node-postgres' pools, and of those derived from them, does
 * not wait for that; a server that is stopped meanwhile, or a database that is dropped, ends whoever is still there
 * with 57P01, and a pool that has ended listens to no errors.
 */

interface Pool {
  on(event: 'connect' | 'remove', listener: () => void): unknown
  once(event: 'remove', listener: () => void): unknown
}

/** Counts from now on. What is returned resolves when everything that `pool` opened has ended. */
export function departuresOf(pool: Pool): () => Promise<void> {
  let open = 0
  pool.on('connect', () => open++)
  pool.on('remove', () => open--)
  return async () => {
    while (open > 0) await new Promise<void>((resolve) => pool.once('remove', resolve))
  }
}
