/**
 * Whether this installation may replace itself with a newer version: only what an installer or a person put there for
 * one user, never what a package manager owns. Imports nothing of Electron and reads no file.
 */

export interface Installation {
  readonly platform: NodeJS.Platform
  /** From a package, not from a repository. */
  readonly isPackaged: boolean
  /** Whoever made the package named a place to look; without one there is none. */
  readonly hasFeed: boolean
  /** The setting. */
  readonly isWished: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Path of the running binary. */
  readonly executable: string
  /** Of the Mac App Store or the Microsoft Store. */
  readonly isFromStore: boolean
}

/** Null: it may. Otherwise why not, in words. */
export function updateObstacle(installation: Installation): string | null {
  const { isPackaged, hasFeed, isWished, environment, isFromStore } = installation
  if (!isPackaged) return 'it runs from a repository'
  if (!hasFeed) return 'its package names no place for newer versions'
  if (!isWished) return 'the settings say so'
  if (isSet(environment['WARDIAN_NO_UPDATES'])) return 'WARDIAN_NO_UPDATES is set'
  if (isFromStore) return 'a store brings newer versions'
  return systemObstacle(installation)
}

function systemObstacle({ platform, environment, executable }: Installation): string | null {
  if (platform === 'linux') {
    if (isSet(environment['SNAP']) || isSet(environment['FLATPAK_ID'])) return 'a package manager owns it'
    // Debian, RPM, an unpacked archive: none is the user's own single file.
    return isSet(environment['APPIMAGE']) ? null : 'a package manager or a person put it there'
  }
  if (platform === 'win32') {
    return isSet(environment['PORTABLE_EXECUTABLE_DIR']) ? 'it is the portable one' : null
  }
  if (platform === 'darwin') {
    // Started from where it was downloaded to, macOS runs a read-only copy elsewhere; so does a mounted image.
    const isReadOnly = executable.includes('/AppTranslocation/') || executable.startsWith('/Volumes/')
    return isReadOnly ? 'it is not in the Applications folder' : null
  }
  return `nothing is made for ${platform}`
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== ''
}
