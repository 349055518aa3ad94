/**
 * What runs the program and is shipped with it: the Node of the headless packages, the Electron of the app. No package
 * of the lockfile that runs, so that it has to be told apart from these.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../run-command.ts'
import type { NodeRuntime } from './node-runtime.ts'

export interface ShippedPlatform {
  readonly name: 'node' | 'electron'
  readonly version: string
  /** For people. */
  readonly title: string
  /** Its licence, or where it lies. */
  readonly licence: string
}

export function carriedNode({ version, licence }: NodeRuntime): ShippedPlatform {
  return {
    name: 'node',
    version,
    title: 'Node.js, which runs the program',
    licence: readFileSync(licence, 'utf8').trim(),
  }
}

/** Of the version that is packed; electron-builder puts its licences where the text says. */
export function carriedElectron(): ShippedPlatform {
  const version = electronVersion()
  return {
    name: 'electron',
    version,
    title: `Electron ${version}, which runs the app, with Chromium, Node.js and what they contain`,
    licence:
      'Their licences are in LICENSE.electron.txt and LICENSES.chromium.html, beside the program;\n' +
      'on macOS in Contents/Resources of the app.',
  }
}

/** That of the package, which is installed with or without its binary. */
export function electronVersion(): string {
  const path = join(repositoryRoot, 'node_modules/electron/package.json')
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}
