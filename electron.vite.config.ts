/**
 * How the product is built: `main` (everything that runs under Node or in Electron's Node), `preload` and
 * `renderer`. Knows the folders of the layout and finds the entries in them; a part that has no entry yet is
 * left out. What is stale is decided by build/build-if-stale.ts, which asks for parts by name.
 *
 * Output mirrors the repository under out/node (out/node/src/main/cli/main.js, out/node/native-wasm/js/...),
 * module by module, so that relative URLs (`new URL('./engine-worker.js', import.meta.url)`, the .wasm beside
 * its loader) mean the same from source and from output.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import type { UserConfig } from 'electron-vite'
import type { Plugin } from 'vite'

const root = import.meta.dirname

/** Started by name or URL and never imported, so the bundler has to be told of them. */
const NODE_ENTRIES = ['src/main/*/main.ts', 'src/main/electron/host-process.ts', 'src/main/**/*-worker.ts']
const PRELOAD_ENTRY = 'src/preload/preload.ts'
const RENDERER_ENTRY = 'src/renderer/index.html'

/** Node 22.15 is what Electron's utility process and the oldest Node that `wardian` accepts have in common. */
const NODE_TARGET = 'node22.15'
const RENDERER_TARGET = 'chrome130'

function nodeEntries(): Record<string, string> {
  const files = globSync(NODE_ENTRIES, { cwd: root }).map((file) => file.replaceAll('\\', '/'))
  return Object.fromEntries(files.sort().map((file) => [file.replace(/\.ts$/, ''), `${root}/${file}`]))
}

function mainConfig(): NonNullable<UserConfig['main']> {
  return {
    build: {
      outDir: 'out/node',
      target: NODE_TARGET,
      sourcemap: true,
      rolldownOptions: {
        input: nodeEntries(),
        output: { preserveModules: true, preserveModulesRoot: root, entryFileNames: '[name].js' },
      },
    },
  }
}

function preloadConfig(): NonNullable<UserConfig['preload']> {
  return {
    build: {
      outDir: 'out/preload',
      target: NODE_TARGET,
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: `${root}/${PRELOAD_ENTRY}` },
        // A sandboxed preload is loaded as one CommonJS file.
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  }
}

/** libpg-query fetches its module by this name from beside the script it is bundled into; no import tells Vite. */
function parserWasm(): Plugin {
  const file = 'libpg-query.wasm'
  return {
    name: 'wardian:parser-wasm',
    generateBundle() {
      const source = readFileSync(`${root}/node_modules/libpg-query/wasm/${file}`)
      this.emitFile({ type: 'asset', fileName: `assets/${file}`, source })
    },
  }
}

/** Which packages the page is made of, for the licences and the bill of materials of what is shipped. */
function partsList(): () => Plugin {
  const names = new Set<string>()
  return () => ({
    name: 'wardian:parts-list',
    generateBundle() {
      for (const id of this.getModuleIds()) {
        const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]
        if (name !== undefined) names.add(name)
      }
      writeFileSync(`${root}/out/page-packages.json`, `${JSON.stringify([...names].sort(), null, 2)}\n`)
    },
  })
}

function rendererConfig(): NonNullable<UserConfig['renderer']> {
  const listParts = partsList()
  return {
    root: `${root}/src/renderer`,
    plugins: [react(), parserWasm(), listParts()],
    worker: { format: 'es', plugins: () => [listParts()] },
    build: {
      outDir: `${root}/out/renderer`,
      emptyOutDir: true,
      target: RENDERER_TARGET,
      minify: true,
      // The content security policy allows no data: scripts and no inline code.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: `${root}/${RENDERER_ENTRY}` },
    },
  }
}

export default defineConfig(() => {
  const wanted = (process.env['WARDIAN_BUILD_PARTS'] ?? 'main,preload,renderer').split(',')
  const config: UserConfig = {}
  if (wanted.includes('main') && Object.keys(nodeEntries()).length > 0) config.main = mainConfig()
  if (wanted.includes('preload') && existsSync(`${root}/${PRELOAD_ENTRY}`)) config.preload = preloadConfig()
  if (wanted.includes('renderer') && existsSync(`${root}/${RENDERER_ENTRY}`))
    config.renderer = rendererConfig()
  return config
})
