/**
 * Where everything of the workbench lies, when nobody says otherwise: the place that the platform has for data
 * of applications. Touches no disk.
 */

import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

export interface DataDirectoryInputs {
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly home: string
}

export function currentInputs(environment: DataDirectoryInputs['environment']): DataDirectoryInputs {
  return { platform: process.platform, environment, home: homedir() }
}

/** The absolute path chosen by `--data`, else by WARDIAN_DATA, else by the platform's convention. */
export function dataDirectory(option: string | undefined, inputs: DataDirectoryInputs): string {
  const chosen = option ?? nonEmpty(inputs.environment['WARDIAN_DATA'])
  return chosen === undefined ? defaultDirectory(inputs) : resolve(chosen)
}

/**
 * XDG Base Directory Specification 0.8 for Linux (whose variable must be absolute, or is ignored), Apple's File
 * System Programming Guide for macOS, the roaming application data folder for Windows.
 */
function defaultDirectory({ platform, environment, home }: DataDirectoryInputs): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Wardian')
  if (platform === 'win32') {
    return join(nonEmpty(environment['APPDATA']) ?? join(home, 'AppData', 'Roaming'), 'Wardian')
  }
  const xdg = nonEmpty(environment['XDG_DATA_HOME'])
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, '.local', 'share'), 'wardian')
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
