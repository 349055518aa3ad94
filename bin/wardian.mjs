#!/usr/bin/env node
/**
 * The `wardian` command: finds a Node new enough, then hands over to the built command line. Knows no command
 * and no flag. It is plain JavaScript that old Node versions can read, so that they get an answer, not a crash.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import * as modules from 'node:module'
import { constants, homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..')

/** better-sqlite3's prebuilt binaries need 22, commander 22.12, and snapshots zstd, which came with 22.15. */
const NODE_OLDEST = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).wardian.nodeOldest

const commandLine = join(folder, 'out/node/src/main/cli/main.js')

if (!existsSync(commandLine)) {
  fail('wardian is not built here. Run `npm run build` in its folder, or start it with `npm start`.')
} else if (isNewEnough(process.versions.node)) {
  // Half a thousand modules: V8 reads them again much quicker than it compiles them. Where it cannot write, it
  // does without; NODE_DISABLE_COMPILE_CACHE and NODE_COMPILE_CACHE are Node's own switches.
  modules.enableCompileCache(process.env.NODE_COMPILE_CACHE || compiledFolder())
  await import(pathToFileURL(commandLine).href)
} else {
  handOverTo(newerNode())
}

/** In the user's folder for what can be made again (XDG Base Directory Specification 0.8, or what is like it). */
function compiledFolder() {
  const { LOCALAPPDATA, XDG_CACHE_HOME = '' } = process.env
  const own = { darwin: join(homedir(), 'Library/Caches'), win32: LOCALAPPDATA }[process.platform]
  const cache = own ?? (isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache'))
  return join(cache, 'wardian', 'compiled')
}

/** @param {string} version such as 22.15.0 */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = NODE_OLDEST.split('.').map(Number)
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}

/** The binary of the `node` package that is installed with the development dependencies, if it is there. */
function newerNode() {
  try {
    const folder = dirname(modules.createRequire(import.meta.url).resolve('node/package.json'))
    const binary = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return existsSync(binary) ? binary : undefined
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** @param {string | undefined} node path of the binary to run this very command with */
function handOverTo(node) {
  if (node === undefined) {
    // Where the repository is, its tools bring a Node.
    const hasTools = existsSync(join(folder, 'package-lock.json'))
    const other = hasTools ? ', or run `npm ci` in the folder of wardian, which brings its own' : ''
    fail(
      `wardian needs Node ${NODE_OLDEST} or newer; this is ${process.versions.node}. ` +
        `Install a newer one from https://nodejs.org/${other}.`,
    )
    return
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal sends Ctrl+C to the whole process group: the child has it already, and a second one means force.
    const isShared = signal === 'SIGINT' && process.stdin.isTTY
    process.on(signal, () => isShared || child.kill(signal))
  }
  child.on('error', (error) => fail(`${node} could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
  })
}

/** @param {string} message what happened and what to do about it */
function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}
