/**
 * Makes the package `@wardian/client` in out/client-package: one bundle with the WebAssembly modules in it, and the
 * declarations that its entry reaches. Knows nothing of what is stale, and publishes nothing.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build } from 'vite'
import type { Plugin } from 'vite'
import { repositoryRoot, runPackageCommand } from './run-command.ts'

const ENTRY = 'src/client/wardian-package.ts'
/** What src/client/native-module.ts names -> what it is. */
const NATIVE_MODULES = {
  textReaderBase64: 'native-wasm/out/text-reader.wasm',
  frameCodecBase64: 'native-wasm/out/frame-codec.wasm',
}
const OUTPUT = join(repositoryRoot, 'out/client-package')
const DECLARATIONS = join(repositoryRoot, 'out/client-declarations')

/** What browsers since 2022 and Node 20 have. */
const TARGET = 'es2022'

/** The modules in place of the empty texts that the sources have. */
function inlineNativeModule(): Plugin {
  return {
    name: 'wardian:client-native-module',
    enforce: 'pre',
    load(id) {
      if (!id.endsWith('/src/client/native-module.ts')) return null
      const lines = Object.entries(NATIVE_MODULES).map(([name, path]) => {
        const base64 = readFileSync(join(repositoryRoot, path)).toString('base64')
        return `export const ${name} = ${JSON.stringify(base64)}`
      })
      return lines.join('\n')
    },
  }
}

async function bundle(): Promise<void> {
  await build({
    configFile: false,
    root: repositoryRoot,
    logLevel: 'warn',
    publicDir: false,
    plugins: [inlineNativeModule()],
    build: {
      outDir: OUTPUT,
      emptyOutDir: true,
      target: TARGET,
      // Names are shortened; a library's lines are kept, so that a stack does not print the whole bundle.
      minify: true,
      lib: { entry: join(repositoryRoot, ENTRY), formats: ['es'], fileName: () => 'wardian-client.js' },
    },
  })
}

/** Import specifiers of a declaration file; they end in `.ts`, as in the sources. */
const SPECIFIER = /(from |import\()(['"])(\.[^'"]*)\.ts\2/g

/** Copies the declarations that are reached from `file`, with the extension under which they are looked for. */
function copyDeclarations(file: string, done = new Set<string>()): void {
  if (done.has(file)) return
  done.add(file)
  const text = readFileSync(file, 'utf8')
  const target = join(OUTPUT, 'types', relative(DECLARATIONS, file))
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text.replaceAll(SPECIFIER, '$1$2$3.js$2'))
  for (const match of text.matchAll(SPECIFIER)) {
    copyDeclarations(join(dirname(file), `${match[3] ?? ''}.d.ts`), done)
  }
}

/** Builds the package; rejects with what the tools said. */
export async function buildClientPackage(): Promise<void> {
  await bundle()
  rmSync(DECLARATIONS, { recursive: true, force: true })
  const command = { packageName: '@typescript/native', name: 'tsc' }
  const { exitCode, output } = await runPackageCommand(command, ['-p', 'tsconfig.client-package.json'])
  if (exitCode !== 0) throw new Error(`The declarations of the client cannot be made.\n${output}`)
  copyDeclarations(join(DECLARATIONS, ENTRY.replace(/\.ts$/, '.d.ts')))
  rmSync(DECLARATIONS, { recursive: true, force: true })
  for (const file of ['package.json', 'README.md', 'LICENSE']) {
    cpSync(join(repositoryRoot, 'packages/client', file), join(OUTPUT, file))
  }
}

if (import.meta.main) await buildClientPackage()
