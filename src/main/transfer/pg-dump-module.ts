/**
 * Loads pg_dump's WebAssembly program out of its package, whose public function keeps the whole dump in memory, as
 * INSERTs of text only. What it is built on does more: COPY, archives, and input and output by callbacks. Pinned to
 * the version that was read; says so where the package is another one.
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { compileFunction } from 'node:vm'
import { WorkbenchError } from '../../contract/error.ts'

/** As far as it is used: an Emscripten module. */
export interface PgDumpModule {
  readonly HEAPU8: Uint8Array<ArrayBuffer>
  readonly ENV: Record<string, string>
  readonly FS: {
    makedev(major: number, minor: number): number
    registerDevice(device: number, operations: object): void
    mkdev(path: string, mode: number, device: number): void
    writeFile(path: string, data: string, options: { readonly mode: number }): void
  }
  addFunction(callback: (pointer: number, length: number) => number, signature: string): number
  /** What libpq receives and sends with: each takes a pointer and a length, and answers how many bytes. */
  _pgl_set_rw_cbs(receive: number, send: number): void
  callMain(programArguments: string[]): number
}

interface ModuleOptions {
  readonly thisProgram: string
  readonly noExitRuntime: boolean
  print(text: string): void
  printErr(text: string): void
}

type ModuleFactory = (options: ModuleOptions) => Promise<PgDumpModule>

/** The factory's declaration in the bundle, which does not export it. */
const declaration = /var ([\w$]+)=\(\(\)=>\{var _scriptName/
/** Not for code that is compiled by hand. */
const moduleImport = 'await import("module")'

/** `onRemark` gets what the program writes to its terminal, line by line. */
export async function loadPgDump(
  programFile: string,
  onRemark: (text: string) => void,
): Promise<PgDumpModule> {
  const require = createRequire(import.meta.url)
  const file = require.resolve('@electric-sql/pglite-tools/pg_dump')
  const source = readFileSync(file, 'utf8')
  const [, name] = declaration.exec(source) ?? []
  if (name === undefined || !source.includes(moduleImport)) {
    throw new WorkbenchError('internal', `${file} is not the pg_dump that this program was made for`)
  }
  const code = source.replace(moduleImport, 'process.getBuiltinModule("module")')
  const load = compileFunction(`${code}\nreturn ${name}`, ['module', 'exports', '__filename'], {
    filename: file,
  })
  // The package's own types do not know the factory.
  const factory = load({ exports: {} }, {}, `${dirname(file)}/pg_dump.cjs`) as ModuleFactory
  return factory({ thisProgram: programFile, noExitRuntime: false, print: onRemark, printErr: onRemark })
}
