/** What the user must know of how the app was started. Imports nothing of Electron. */

import { usesGpu } from './gpu-trust.ts'
import type { ShellRecord } from './shell-record.ts'

export function startNotices(
  record: Pick<ShellRecord, 'settings' | 'hasGpuFailed'>,
  { isSandboxOff }: { readonly isSandboxOff: boolean },
): string[] {
  const notices: string[] = []
  if (isSandboxOff) {
    notices.push(
      'Wardian was started with --no-sandbox: what would break into a window could reach everything that you can. ' +
        'Start it without that; if it does not start then, it says what is missing',
    )
  }
  if (record.settings.usesGpu && !usesGpu(record)) {
    notices.push(
      'The graphics processor kept failing, so Wardian draws without it, which is slower. ' +
        'To try again, switch it off and on in the app settings, and start Wardian again',
    )
  }
  return notices
}
