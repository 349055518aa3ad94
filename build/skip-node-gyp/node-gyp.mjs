#!/usr/bin/env node
/**
 * Stands before npm's own node-gyp while `npm ci` runs, and does nothing. npm 10, which comes with Node 20, does
 * not know `allowScripts` and would rebuild better-sqlite3, for which it needs Python and a compiler. The package
 * carries binaries for every platform that Electron runs on, so there is nothing to build.
 */
process.exitCode = 0
