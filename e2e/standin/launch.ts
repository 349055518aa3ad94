/** This very launch of the stand-in; read once, before the app sees the command line. */

import { parseLaunchArguments, readAppManifest } from './launch-arguments.ts'

export const launch = parseLaunchArguments(process.argv.slice(2))
export const manifest = readAppManifest(launch.appPath)

/** The version whose API is modelled: that of the pinned electron package, whose types this is checked against. */
export const electronVersion = '45.4.1'
