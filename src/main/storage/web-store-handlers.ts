/** The store of the web endpoint behind its contract. Knows no thread. */

import type { Handlers } from '../../rpc/handlers.ts'
import type { StorageTransactions } from './statistics-handlers.ts'
import type { webStoreCalls } from './web-store-calls.ts'
import { WebStore } from './web-store.ts'

export function webStoreHandlers(file: StorageTransactions): Handlers<typeof webStoreCalls> {
  const ask = <T>(work: (store: WebStore) => T): Promise<T> =>
    file.run(({ database }) => work(new WebStore(database)))
  const change = async (work: (store: WebStore) => void): Promise<null> => {
    await ask(work)
    return null
  }
  return {
    'web.getOptions': () => ask((store) => store.options()),
    'web.setOptions': (options) => change((store) => store.setOptions(options)),
    'web.listTokens': () => ask((store) => store.tokens()),
    'web.addToken': (kept) => change((store) => store.addToken(kept)),
    'web.removeToken': ({ tokenId }) => change((store) => store.removeToken(tokenId)),
    'web.noteTokenUse': ({ tokenId, usedAtMs }) => change((store) => store.noteTokenUse(tokenId, usedAtMs)),
  }
}
