/**
 * Fuses of the Electron binary: what the packed app must not do, whoever starts it. What is written and what is read
 * back, which are different programs, so that each checks the other.
 */
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import type { Configuration } from 'electron-builder'

/** The binary is no Node, takes no options and no debugger, and runs this app alone. */
export const wantedFuses = {
  runAsNode: false,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableCookieEncryption: true,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
} as const satisfies Configuration['electronFuses']

const positions: Readonly<Record<keyof typeof wantedFuses, FuseV1Options>> = {
  runAsNode: FuseV1Options.RunAsNode,
  enableNodeOptionsEnvironmentVariable: FuseV1Options.EnableNodeOptionsEnvironmentVariable,
  enableNodeCliInspectArguments: FuseV1Options.EnableNodeCliInspectArguments,
  enableCookieEncryption: FuseV1Options.EnableCookieEncryption,
  enableEmbeddedAsarIntegrityValidation: FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
  onlyLoadAppFromAsar: FuseV1Options.OnlyLoadAppFromAsar,
  loadBrowserProcessSpecificV8Snapshot: FuseV1Options.LoadBrowserProcessSpecificV8Snapshot,
  grantFileProtocolExtraPrivileges: FuseV1Options.GrantFileProtocolExtraPrivileges,
}

/** Names of the fuses of the binary at `path` that are not as wanted. */
export async function wrongFuses(path: string): Promise<string[]> {
  const wire = await getCurrentFuseWire(path)
  return Object.entries(positions)
    .filter(([name, position]) => {
      const wanted = wantedFuses[name as keyof typeof wantedFuses] ? FuseState.ENABLE : FuseState.DISABLE
      return wire[position] !== wanted
    })
    .map(([name]) => name)
}
