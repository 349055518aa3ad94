/**
 * Making directories durable. Blocks while it works, so it belongs in workers. Knows no file's meaning.
 */

import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Makes the entries of a directory durable, where the platform can. */
export function syncDirectory(path: string): void {
  // Windows has no fsync of directories; its file systems journal renames.
  if (process.platform === 'win32') return
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Makes a directory and everything in it durable. */
export function syncTree(directory: string): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) {
      syncDirectory(path)
      continue
    }
    const descriptor = openSync(path, 'r+')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  }
  syncDirectory(directory)
}
