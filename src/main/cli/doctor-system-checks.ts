/**
 * What the machine must have, whatever the data: Node, WebAssembly, the native module, the built page, a browser,
 * Electron, a free port, memory. Each check stands alone and none throws.
 */

import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { totalmem } from 'node:os'
import { delimiter, join } from 'node:path'
import { browserOpener } from '../headless/open-browser.ts'
import { preferredPort } from '../headless/preferred-port.ts'
import { nodeOldest, pageFolder } from '../page/product-folder.ts'
import type { Check } from './doctor-check.ts'
import { findElectron } from './electron-binary.ts'

/** One instance takes about 150 MB; with a result of the largest size it is four times that. */
const memoryBytesLow = 2 * 2 ** 30

const browserPrograms = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'microsoft-edge-stable',
  'brave-browser',
  'firefox',
] as const

/** A function with one v128 constant: valid only where SIMD is (WebAssembly SIMD proposal, v128.const). */
const simdModule = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 22, 1, 20, 0, 253, 12],
  ...new Array<number>(16).fill(0),
  11,
)

type Environment = Readonly<Record<string, string | undefined>>

export async function systemChecks(environment: Environment): Promise<readonly Check[]> {
  return [
    nodeCheck(process.versions.node),
    wasmCheck(),
    await nativeModuleCheck(),
    memoryCheck(totalmem()),
    pageCheck(pageFolder()),
    browserCheck(environment, process.platform),
    electronCheck(environment),
    await portCheck(preferredPort),
  ]
}

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const oldest = nodeOldest()
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number)
  const isNew = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
  return {
    id: 'node',
    status: isNew ? 'ok' : 'fail',
    finding: `Node ${version}`,
    advice: isNew ? null : `Install Node ${oldest} or newer, or run npm ci, which brings its own`,
  }
}

function wasmCheck(): Check {
  const hasSimd = compiles(simdModule)
  return {
    id: 'webassembly',
    status: hasSimd ? 'ok' : 'warn',
    finding: hasSimd ? 'WebAssembly with SIMD' : 'WebAssembly without SIMD',
    advice: hasSimd ? null : 'Results are decoded more slowly: a processor with SSE4.1 or NEON has SIMD',
  }
}

function compiles(bytes: Uint8Array<ArrayBuffer>): boolean {
  try {
    new WebAssembly.Module(bytes)
    return true
  } catch {
    return false
  }
}

/** The only native module there is; loading it is all that can fail. */
async function nativeModuleCheck(): Promise<Check> {
  const id = 'native module'
  try {
    await import('../storage/directory-lock.ts')
    return { id, status: 'ok', finding: 'better-sqlite3 loads', advice: null }
  } catch (error) {
    const finding = `better-sqlite3 does not load: ${error instanceof Error ? error.message : String(error)}`
    return { id, status: 'fail', finding, advice: 'Run npm ci again with the Node that runs wardian' }
  }
}

export function memoryCheck(bytes: number): Check {
  const isLow = bytes < memoryBytesLow
  return {
    id: 'memory',
    status: isLow ? 'warn' : 'ok',
    finding: `${(bytes / 2 ** 30).toFixed(1)} GB of memory`,
    advice: isLow ? 'Keep few instances running at once, and results small' : null,
  }
}

export function pageCheck(folder: string): Check {
  const isBuilt = existsSync(join(folder, 'index.html'))
  return {
    id: 'page',
    status: isBuilt ? 'ok' : 'fail',
    finding: isBuilt ? `The page is built in ${folder}` : `The page is not built: no index.html in ${folder}`,
    advice: isBuilt ? null : 'Run npm run build',
  }
}

export function browserCheck(environment: Environment, platform: NodeJS.Platform): Check {
  const program = browserPrograms.find((name) => isOnPath(name, environment))
  // Both bring a browser of their own, which is not on the path.
  const hasOwn = platform === 'darwin' || platform === 'win32'
  const hasDesktop = browserOpener('', { platform, environment }) !== null
  if (program === undefined && !hasOwn) {
    const advice = 'Install Chromium, Chrome, Edge or Firefox, such as with apt-get install chromium'
    return { id: 'browser', status: 'warn', finding: 'No browser was found', advice }
  }
  return {
    id: 'browser',
    status: 'ok',
    finding: program ?? 'The browser of the system',
    advice: hasDesktop
      ? null
      : 'There is no desktop here: open the printed address from one that reaches this machine',
  }
}

function isOnPath(name: string, environment: Environment): boolean {
  const folders = (environment['PATH'] ?? '').split(delimiter)
  return folders.some((folder) => folder !== '' && existsSync(join(folder, name)))
}

function electronCheck(environment: Environment): Check {
  const path = findElectron(environment)
  return {
    id: 'electron',
    status: path === null ? 'warn' : 'ok',
    finding: path ?? 'Electron is not installed; the browser is used instead',
    advice: path === null ? 'To get the app in a window of its own: npx install-electron --no' : null,
  }
}

export async function portCheck(port: number): Promise<Check> {
  const isFree = await new Promise<boolean>((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })
  return {
    id: 'port',
    status: 'ok',
    finding: `Port ${port} is ${isFree ? 'free' : 'in use'}`,
    advice: isFree ? null : 'Another port is taken instead; if that is not Wardian, --port chooses one',
  }
}
