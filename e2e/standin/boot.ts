/**
 * Entry of the stand-in for the Electron executable: understands the switches that Playwright gives to Electron, puts
 * the stand-in in the place of the module `electron`, and runs the app. Knows no API of Electron.
 */

import { open } from 'node:inspector'
import { createRequire, registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { publishAsked } from './asked.ts'
import { electronVersion, launch, manifest } from './launch.ts'
import { startChromiumAndApp } from './start.ts'

const electronModule = new URL('./electron-module.ts', import.meta.url).href

registerHooks({
  resolve: (specifier, context, next) =>
    ['electron', 'electron/main', 'electron/common'].includes(specifier)
      ? { url: electronModule, shortCircuit: true }
      : next(specifier, context),
})

// As in Electron: the app sees the whole command line, of which Playwright's loader takes its own switches out.
process.argv = [process.execPath, ...process.argv.slice(2)]
Object.assign(process.versions, { electron: electronVersion })
Object.assign(process, {
  type: 'browser',
  defaultApp: true,
  resourcesPath: resolve(manifest.folder, 'resources'),
})
publishAsked()

// Prints the line that Playwright waits for.
if (launch.switches.has('inspect')) open(0, '127.0.0.1')

const load = createRequire(import.meta.url)
for (const module of launch.modulesFirst) load(resolve(module))
await import(pathToFileURL(manifest.main).href)
await startChromiumAndApp()
