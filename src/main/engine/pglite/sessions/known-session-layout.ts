/**
 * The session layout of the build of PGlite that package.json pins, by the hash of its pglite.wasm. Found with
 * find-session-layout.ts, which a conformance test compares it with. A static table, so that opening an instance
 * need not search: the addresses are those of static variables and cannot differ within a build.
 */

import { WorkbenchError } from '../../../../contract/error.ts'
import type { SessionLayout } from './session-layout.ts'

const known = {
  /** @electric-sql/pglite 0.5.16 (PostgreSQL 18.6). */
  sha256: '5256d9ac379f631355f41ab30291e6a6d9f854242b5ee2a2d0940e28041d3fca',
  layout: {
    preparedQueries: 2_778_192,
    unnamedStatement: 2_804_664,
    sequenceTable: 2_778_204,
    lastUsedSequence: 2_778_200,
    tempNamespace: 2_777_896,
    tempToastNamespace: 2_777_912,
    searchPathInvalidByte: 2_777_916,
    searchPathCacheByte: 2_777_917,
    randomState: 2_865_712,
    randomSeededByte: 2_865_728,
    onCommit: 2_778_208,
    listenChannels: 2_778_116,
    authenticatedUser: 2_878_812,
    portalTable: 2_880_908,
    relationTable: 2_868_856,
    settingTable: 2_878_880,
    sharedIndex: 2_797_640,
    statusEntry: 2_804_704,
    localLocks: 2_798_344,
    sharedRelationMap: 2_869_660,
    builtinFunctions: 2_679_328,
    exitCallbackCount: 2_796_912,
    processIdOffset: 44,
    latchOwnerOffset: 32,
  },
}

/** Throws `unsupported` for any other build: its sessions would overwrite each other. */
export function knownSessionLayout(sha256: string): SessionLayout {
  if (sha256 === known.sha256) return known.layout
  throw new WorkbenchError(
    'unsupported',
    'The PGlite that is installed is not the build that this program knows; install the version that its ' +
      'package.json names',
  )
}
