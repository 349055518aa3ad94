/**
 * Whole directories: making them durable, and measuring them. Blocks while it works, so it belongs in workers.
 */

import { closeSync, fsyncSync, openSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** How many files a directory holds, at any depth, and their bytes. */
export interface TreeSize {
  readonly fileCount: number
  readonly byteCount: number
}

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

/** Counts what a directory holds. */
export function measureTree(directory: string): TreeSize {
  let fileCount = 0
  let byteCount = 0
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    fileCount += 1
    byteCount += statSync(join(entry.parentPath, entry.name)).size
  }
  return { fileCount, byteCount }
}
