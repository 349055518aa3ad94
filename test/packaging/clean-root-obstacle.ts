/** Whether packages of Debian can be installed here into a root of their own. For vitest.programs.config.ts. */

import { spawnSync } from 'node:child_process'

/** Why not, or null: chroot is for root, and dpkg for Debian. */
export function cleanRootObstacle(): string | null {
  if (process.getuid?.() !== 0) return 'only root can change the root'
  if (process.arch !== 'x64') return 'the package is for another processor'
  const programs = ['dpkg', 'chroot', 'unshare', 'ldconfig']
  const missing = programs.filter((program) => spawnSync(program, ['--version']).status !== 0)
  return missing.length > 0 ? `there is no ${missing.join(', ')}` : null
}
