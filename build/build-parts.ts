/**
 * The parts of the product that are built, in build order: what each is made from, what it leaves behind and
 * the command that makes it. Knows nothing of what is stale.
 */
import { cpSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot, runCommand, runPackageCommand } from './run-command.ts'
import type { CommandResult } from './run-command.ts'

export type BuildPartName = 'wasm' | 'main' | 'preload' | 'renderer' | 'template' | 'client'

export interface BuildPart {
  readonly name: BuildPartName
  /** Nothing to build while this file, relative to the repository, does not exist. */
  readonly entry: string
  /** Globs of every file the output depends on. */
  readonly inputs: readonly string[]
  /** Globs of what the build leaves behind. */
  readonly outputs: readonly string[]
  build(): Promise<CommandResult>
}

/** Versions of the tools and of what they bundle. */
const TOOLS = ['package.json', 'package-lock.json']
const VITE = [...TOOLS, 'electron.vite.config.ts']
const STD = ['src/base/**/*.ts', 'src/contract/**/*.ts', 'src/rpc/**/*.ts']

/** Where AssemblyScript's output lies; the loader in native-wasm/js finds it by this relative path. */
const WASM_OUTPUT = 'native-wasm/out/*.wasm'

const TEMPLATE_SCRIPT = 'build/make-template.ts'
const CLIENT_SCRIPT = 'build/client-package.ts'

export const buildParts: readonly BuildPart[] = [
  {
    name: 'wasm',
    entry: 'native-wasm/asconfig.json',
    inputs: [...TOOLS, 'native-wasm/asconfig*.json', 'native-wasm/src/**', 'native-wasm/js/layout.ts'],
    outputs: [WASM_OUTPUT],
    build: buildWasm,
  },
  {
    name: 'main',
    entry: 'src/main/cli/main.ts',
    inputs: [
      ...VITE,
      ...STD,
      'src/main/**/*.ts',
      'src/parser/**/*.ts',
      'native-wasm/js/**/*.ts',
      WASM_OUTPUT,
    ],
    outputs: ['out/node/**/*.{js,wasm}'],
    build: buildMain,
  },
  {
    name: 'preload',
    entry: 'src/preload/preload.ts',
    inputs: [...VITE, ...STD, 'src/preload/**/*.ts'],
    outputs: ['out/preload/*.cjs'],
    build: () => buildWithVite('preload'),
  },
  {
    name: 'renderer',
    entry: 'src/renderer/index.html',
    inputs: [...VITE, ...STD, 'src/renderer/**'],
    outputs: ['out/renderer/**/*.*', 'out/page-packages.json'],
    build: () => buildWithVite('renderer'),
  },
  {
    name: 'template',
    entry: TEMPLATE_SCRIPT,
    inputs: [
      ...TOOLS,
      TEMPLATE_SCRIPT,
      'src/main/engine/pglite/{template-*,write-image,file-tree,engine-message}.ts',
    ],
    outputs: ['out/template/*/*'],
    build: () => runCommand(process.execPath, [TEMPLATE_SCRIPT]),
  },
  {
    name: 'client',
    entry: 'packages/client/package.json',
    inputs: [
      ...TOOLS,
      ...STD,
      CLIENT_SCRIPT,
      'tsconfig*.json',
      'packages/client/*',
      'src/{client,protocol}/**/*.ts',
      'native-wasm/js/*.ts',
      WASM_OUTPUT,
    ],
    outputs: ['out/client-package/*.*', 'out/client-package/types/**/*.ts'],
    build: () => runCommand(process.execPath, [CLIENT_SCRIPT]),
  },
]

/** Entry files are those that the configurations name, relative to native-wasm: one module each. */
async function buildWasm(): Promise<CommandResult> {
  const cwd = join(repositoryRoot, 'native-wasm')
  const compiler = { packageName: 'assemblyscript', name: 'asc' }
  const first = await runPackageCommand(compiler, ['--target', 'release'], { cwd })
  if (first.exitCode !== 0) return first
  let { elapsedMs } = first
  for (const config of ['asconfig.text-reader.json', 'asconfig.frame-codec.json']) {
    const next = await runPackageCommand(compiler, ['--config', config, '--target', 'release'], { cwd })
    elapsedMs += next.elapsedMs
    if (next.exitCode !== 0) return { ...next, elapsedMs }
  }
  return { ...first, elapsedMs }
}

/** The bundler does not see .wasm files that are read by path, so they are put where the built loader looks. */
async function buildMain(): Promise<CommandResult> {
  const result = await buildWithVite('main')
  if (result.exitCode !== 0) return result
  for (const file of globSync(WASM_OUTPUT, { cwd: repositoryRoot })) {
    cpSync(join(repositoryRoot, file), join(repositoryRoot, 'out/node', file))
  }
  return result
}

function buildWithVite(part: 'main' | 'preload' | 'renderer'): Promise<CommandResult> {
  const args = ['build', '--logLevel', 'warn', '--ignoreConfigWarning']
  return runPackageCommand({ packageName: 'electron-vite' }, args, { env: { WARDIAN_BUILD_PARTS: part } })
}
