/**
 * A data directory for one command: made in the system's folder for such things, and removed afterwards. One that
 * was left behind by a command that was killed is removed by the next. Databases in it live in memory alone.
 */

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isHeld } from '../storage/directory-lock.ts'

const prefix = 'wardian-run-'
/** A command that has just begun has not locked its directory yet. */
const unlockedMsMax = 60_000

/** Runs `work` with a directory that nobody else has, and removes it whatever happens. */
export async function withTemporaryData<T>(
  nowMs: number,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  await removeLeftBehind(nowMs)
  const directory = await mkdtemp(join(tmpdir(), prefix))
  try {
    return await work(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** What cannot be removed belongs to somebody else, who will. */
async function removeLeftBehind(nowMs: number): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix))
  for (const name of names) {
    const directory = join(tmpdir(), name)
    const made = await stat(directory).catch(() => null)
    const isOwn = made?.uid === process.getuid?.()
    if (!made || !isOwn || nowMs - made.mtimeMs < unlockedMsMax || isHeld(directory)) continue
    await rm(directory, { recursive: true, force: true })
  }
}
