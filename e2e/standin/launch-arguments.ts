/** The command line of Electron as tests use it: switches, modules to load first, the app, and what it is given. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

export interface LaunchArguments {
  /** Loaded before the app, as `node -r` does. */
  readonly modulesFirst: readonly string[]
  /** Switches of Electron and Chromium, before the app; without their dashes. */
  readonly switches: ReadonlyMap<string, string>
  readonly appPath: string
  readonly appArguments: readonly string[]
}

export function parseLaunchArguments(args: readonly string[]): LaunchArguments {
  const modulesFirst: string[] = []
  const switches = new Map<string, string>()
  let index = 0
  for (; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (arg === '-r' || arg === '--require') {
      index += 1
      modulesFirst.push(args[index] ?? '')
    } else if (arg.startsWith('--')) {
      const [name = '', ...rest] = arg.slice(2).split('=')
      switches.set(name, rest.join('='))
    } else {
      break
    }
  }
  return { modulesFirst, switches, appPath: args[index] ?? '.', appArguments: args.slice(index + 1) }
}

/** The app that is run, as far as its package.json tells. */
export interface AppManifest {
  /** Absolute; what `app.getAppPath()` answers. */
  readonly folder: string
  /** Absolute path of the main script. */
  readonly main: string
  readonly name: string
  readonly version: string
}

/** Reads the app at `path`, which is a folder with a package.json, or a script. */
export function readAppManifest(path: string): AppManifest {
  const absolute = resolve(path)
  if (!statSync(absolute).isDirectory()) {
    return { folder: resolve(absolute, '..'), main: absolute, name: 'Electron', version: '0' }
  }
  const file = join(absolute, 'package.json')
  const manifest = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Record<string, unknown>
  const text = (key: string, otherwise: string): string => {
    const value = manifest[key]
    return typeof value === 'string' ? value : otherwise
  }
  return {
    folder: absolute,
    main: join(absolute, text('main', 'index.js')),
    name: text('productName', text('name', 'Electron')),
    version: text('version', '0'),
  }
}
