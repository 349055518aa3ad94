/** The extensions that CREATE EXTENSION can make here, for those who choose. Reads what is installed, once. */

import { extensionBundles, installedArchives } from './extension-bundle.ts'
import { indexedBundles } from './generated/extension-index.ts'

export interface AvailableExtension {
  /** As CREATE EXTENSION has it. */
  readonly name: string
  readonly version: string
  readonly comment: string
  /** Counts only where its library is loaded when Postgres starts. */
  readonly needsPreload: boolean
}

/** By name. */
export function availableExtensions(): readonly AvailableExtension[] {
  const archives = installedArchives()
  const preloaded = new Set(extensionBundles.filter(({ preload }) => preload).map(({ name }) => name))
  return indexedBundles
    .filter(({ name }) => archives.has(name))
    .flatMap((bundle) =>
      bundle.extensions.map(({ name, version, comment }) => {
        return { name, version, comment, needsPreload: preloaded.has(bundle.name) }
      }),
    )
    .sort((a, b) => a.name.localeCompare(b.name))
}
