/**
 * The two files that tell of a package's parts: licences for people, a bill of materials for programs. The same in
 * every kind of package but for the Node or the Electron that some carry.
 */
import { licencesText } from './licences-file.ts'
import type { NodeRuntime } from './node-runtime.ts'
import type { Shell } from './runtime-packages.ts'
import { sbomText } from './sbom.ts'
import { textFile } from './shipped-file.ts'
import type { ShippedFile } from './shipped-file.ts'
import { shippedParts } from './shipped-parts.ts'
import { carriedElectron, carriedNode } from './shipped-platform.ts'
import type { ShippedPlatform } from './shipped-platform.ts'

export interface PartsFilesOptions {
  readonly version: string
  readonly epochSeconds: number
  readonly shell: Shell
  /** The Node that is carried, if one is. */
  readonly runtime: NodeRuntime | null
}

export const licencesName = 'THIRD-PARTY-LICENSES.txt'
export const sbomName = 'sbom.cdx.json'

export async function partsFiles({
  version,
  epochSeconds,
  shell,
  runtime,
}: PartsFilesOptions): Promise<ShippedFile[]> {
  const parts = shippedParts({ shell })
  const platform = runtime === null ? platformOf(shell) : carriedNode(runtime)
  return [
    textFile(licencesName, licencesText(parts, platform)),
    textFile(sbomName, await sbomText({ parts, version, epochSeconds, platform })),
  ]
}

/** The package for npm is run by a Node that is there. */
function platformOf(shell: Shell): ShippedPlatform | null {
  return shell === 'electron' ? carriedElectron() : null
}
