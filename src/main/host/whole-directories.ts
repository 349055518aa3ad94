/**
 * Directories of instances that are there with their record, or not at all: whenever a host dies, what was being made
 * or removed lies in a place that the next one empties. Knows no instance.
 */

import { rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { makePrivateDirectory, movePrivately } from '../storage/private-files.ts'
import { writeRecord, type InstanceRecord } from './instance-record.ts'

/** Makes `directory` with nothing but `record` in it, by way of `unseen`. Throws as `writePrivateJson`. */
export async function makeWhole(directory: string, unseen: string, record: InstanceRecord): Promise<void> {
  const made = join(unseen, basename(directory))
  try {
    await makePrivateDirectory(made)
    await writeRecord(made, record)
    await makePrivateDirectory(dirname(directory))
    await movePrivately(made, directory)
  } catch (error) {
    await rm(made, { recursive: true, force: true })
    throw error
  }
}

/** Removes `directory` for good, by way of `unseen`; nothing where it is not there. */
export async function removeWhole(directory: string, unseen: string): Promise<void> {
  const removed = join(unseen, `removed-${basename(directory)}`)
  try {
    await makePrivateDirectory(unseen)
    await rm(removed, { recursive: true, force: true })
    await movePrivately(directory, removed)
  } catch {
    // It was never made, or there is no room to move it: then what there is is removed where it lies.
    await rm(directory, { recursive: true, force: true })
    return
  }
  await rm(removed, { recursive: true, force: true })
}
