/**
 * What each instance's owner has decided about its snapshots, kept beside them. Knows no snapshot.
 */

import { join } from 'node:path'
import { WorkbenchError } from '../../contract/error.ts'
import { defaultSnapshotPolicy, snapshotPolicySchema, type SnapshotPolicy } from '../../contract/snapshot.ts'
import { makePrivateDirectory, readJson, writePrivateJson } from '../storage/private-files.ts'

const policyFile = 'policy.json'

/** By the directory of the snapshots, in which the file lies. */
export class SnapshotPolicies {
  readonly #known = new Map<string, SnapshotPolicy>()

  /** The default one where nothing was decided, or what was cannot be read. */
  async of(store: string): Promise<SnapshotPolicy> {
    const policy = this.#known.get(store) ?? (await read(store))
    this.#known.set(store, policy)
    return policy
  }

  /** At once; the default one until it was asked for. */
  known(store: string): SnapshotPolicy {
    return this.#known.get(store) ?? defaultSnapshotPolicy
  }

  async set(store: string, policy: SnapshotPolicy): Promise<void> {
    await makePrivateDirectory(store)
    await writePrivateJson(join(store, policyFile), policy)
    this.#known.set(store, policy)
  }
}

async function read(store: string): Promise<SnapshotPolicy> {
  try {
    const value = await readJson(join(store, policyFile))
    return value === null ? defaultSnapshotPolicy : snapshotPolicySchema.parse(value, policyFile)
  } catch (error) {
    if (error instanceof WorkbenchError) return defaultSnapshotPolicy
    throw error
  }
}
