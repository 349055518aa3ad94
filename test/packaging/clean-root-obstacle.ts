/** Whether packages can be made and installed here into a root of their own. For vitest.programs.config.ts. */

import { spawnSync } from 'node:child_process'

/** Why not, or null: chroot is for root, and dpkg for Debian. */
export function cleanRootObstacle(): string | null {
  if (process.getuid?.() !== 0) return 'only root can change the root'
  if (process.arch !== 'x64') return 'the package is for another processor'
  return missingPrograms(['dpkg', 'chroot', 'unshare', 'ldconfig'])
}

/** Why the packages of the desktop app for Linux cannot be made and looked at here, or null. */
export function linuxPackagesObstacle(): string | null {
  return cleanRootObstacle() ?? missingPrograms(['rpmbuild', 'rpm', 'mksquashfs', 'unsquashfs'])
}

function missingPrograms(programs: readonly string[]): string | null {
  const missing = programs.filter((program) => spawnSync(program, ['--version']).error !== undefined)
  return missing.length > 0 ? `there is no ${missing.join(', ')}` : null
}
