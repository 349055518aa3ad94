/** A program that locks the directory it is given, says so on stdout, and holds it until it is killed. */

import { DirectoryLock } from '../../src/main/storage/directory-lock.ts'

const [directory = ''] = process.argv.slice(2)
await DirectoryLock.acquire(directory, {
  processId: process.pid,
  program: 'wardian serve',
  startedAtMs: 1_700_000_000_000,
  endpoint: null,
})
process.stdout.write('held\n')
setInterval(() => undefined, 1_000_000)
