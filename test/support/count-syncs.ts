/**
 * Preloaded into a process (and so into its threads) to count what reaches the disk: every fsync and fdatasync
 * adds a byte to the file that WARDIAN_TEST_SYNCS names. Knows nothing of who calls them.
 */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const counted = process.env['WARDIAN_TEST_SYNCS'] ?? ''

for (const name of ['fsyncSync', 'fdatasyncSync'] as const) {
  const sync = fs[name]
  fs[name] = (descriptor: number) => {
    sync(descriptor)
    fs.appendFileSync(counted, '.')
  }
}
const laterSync = fs.fsync
fs.fsync = ((descriptor: number, done: fs.NoParamCallback) => {
  laterSync(descriptor, (error) => {
    fs.appendFileSync(counted, '.')
    done(error)
  })
}) as typeof fs.fsync
syncBuiltinESMExports()
