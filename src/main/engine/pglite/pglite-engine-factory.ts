/**
 * Opens PGlite instances and owns what they share: the compiled WebAssembly, the template that new instances
 * are copied from, the thread that waits for the next of them, and the inspector session that interrupts their workers.
 * Knows no instance's name.
 */

import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { systemClock, type Clock } from '../../../base/clock.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import { batchBytesTarget, streamCreditMax } from '../../../contract/limits.ts'
import type { EngineFactory, EngineOptions } from '../engine.ts'
import type { CompiledModule } from './engine-message.ts'
import { installedArchives, preloadLibraries } from './extensions/extension-bundle.ts'
import { FileThread } from './file-thread.ts'
import { knownSessionLayout } from './sessions/known-session-layout.ts'
import { livenessBoundsDefault, type LivenessBounds } from './liveness-watch.ts'
import { PgliteEngine } from './pglite-engine.ts'
import { engineHeapMegabytes, EngineThread } from './engine-thread.ts'
import { SpareThreads } from './spare-threads.ts'
import { TemplateStore } from './template-store.ts'
import { WorkerInterrupter } from './worker-interrupter.ts'

/**
 * Rolling back what an index build or a bulk insert has written takes seconds on a slow disk; nobody waits
 * longer than this for a cancel without trying something harsher.
 */
const cancelBoundMsDefault = 10_000

/** The last checkpoint writes at most the shared buffers, 128 MB. */
const closeBoundMsDefault = 60_000

/** Far from the numbers of the system's own first processes, so that nobody signals one by mistake. */
const firstProcessIdDefault = 100_001

export interface PgliteEngineFactoryOptions {
  /** Where templates are kept between runs; created when missing. */
  readonly templatesDirectory: string
  /** Where a template may lie that came with the product; only read, and done without if there is none. */
  readonly shippedTemplatesDirectory?: string
  /** Whether the next instance is prepared for when one has been opened; else only when `prepare` asks for it. */
  readonly keepsSpare?: boolean
  readonly clock?: Clock
  readonly cancelBoundMs?: number
  readonly closeBoundMs?: number
  readonly liveness?: LivenessBounds
  readonly heapMegabytes?: number
}

export class PgliteEngineFactory implements EngineFactory {
  readonly engine = 'pglite'
  readonly engineVersion: string
  readonly #options: PgliteEngineFactoryOptions
  readonly #packageDirectory: string
  readonly #templates: TemplateStore
  readonly #fileThread: FileThread
  readonly #compileCacheDirectory: string
  readonly #extensionArchives = installedArchives()
  readonly #engines = new Set<PgliteEngine>()
  readonly #spares: SpareThreads
  #compiled: Promise<CompiledModule> | null = null
  #interrupter: WorkerInterrupter | null = null
  #isDisposed = false

  constructor(options: PgliteEngineFactoryOptions) {
    // The package exports its CommonJS entry, which lies beside the WebAssembly.
    this.#packageDirectory = dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'))
    this.engineVersion = readPgliteVersion(this.#packageDirectory)
    this.#options = options
    this.#compileCacheDirectory = join(options.templatesDirectory, 'compiled')
    this.#fileThread = new FileThread({
      compileCacheDirectory: this.#compileCacheDirectory,
      clock: options.clock ?? systemClock,
    })
    this.#spares = new SpareThreads({
      clock: options.clock ?? systemClock,
      start: () => this.#startThread(),
    })
    this.#templates = new TemplateStore({
      directory: options.templatesDirectory,
      shippedDirectory: options.shippedTemplatesDirectory ?? null,
      pgliteVersion: this.engineVersion,
    })
  }

  /** Begins to load what an engine needs that is going to be opened. */
  prepare(): void {
    this.#spares.prepare()
  }

  /** Makes the template now, where it would be made at the first open. */
  async makeTemplate(): Promise<void> {
    const { wasmModule } = await this.#compile()
    await this.#templates.template(wasmModule)
  }

  async open(options: EngineOptions): Promise<PgliteEngine> {
    const isNew = options.directory === null || (await isMissingOrEmpty(options.directory))
    if (isNew && options.mustExist) throw lostFiles(options.directory)
    try {
      return await this.#open(options, isNew)
    } catch (error) {
      if (!isNew || !(error instanceof WorkbenchError) || error.code !== 'corrupt') throw error
      // Only the template can be damaged where nothing was before.
      await this.#templates.discard()
      return this.#open(options, isNew)
    }
  }

  async #open(options: EngineOptions, isNew: boolean): Promise<PgliteEngine> {
    // It starts while PGlite is compiled and the template is looked for.
    this.#spares.prepare()
    const { wasmModule } = await this.#compile()
    const { directory, durability, snapshot = null, databases = null, settings = [] } = options
    const template = isNew && !snapshot ? await this.#templates.template(wasmModule) : null
    if (this.#isDisposed) throw disposed()
    const thread = await this.#spares.take()
    const filling =
      template && directory !== null
        ? this.#fileThread.fill({ directory, template, isDurable: durability === 'durable' })
        : null
    const engine = await PgliteEngine.open({
      ...{ thread, directoryReady: filling },
      beginning: {
        ...{ directory, durability, snapshot, databases, settings },
        template: directory === null ? template : null,
        preloadLibraries: preloadLibraries(options.extensions ?? []),
      },
      clock: this.#options.clock ?? systemClock,
      engineVersion: this.engineVersion,
      firstProcessId: options.firstProcessId ?? firstProcessIdDefault,
      cancelBoundMs: this.#options.cancelBoundMs ?? cancelBoundMsDefault,
      closeBoundMs: this.#options.closeBoundMs ?? closeBoundMsDefault,
      liveness: this.#options.liveness ?? livenessBoundsDefault,
      onEnded: (ended) => this.#engines.delete(ended),
    })
    this.#engines.add(engine)
    if (this.#options.keepsSpare) this.#spares.prepareSoon()
    return engine
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true
    await Promise.all([this.#spares.dispose(), ...[...this.#engines].map((engine) => engine.close())])
    await this.#fileThread.dispose()
    this.#interrupter?.dispose()
    this.#interrupter = null
  }

  async #startThread(): Promise<EngineThread> {
    if (this.#isDisposed) throw disposed()
    this.#interrupter ??= new WorkerInterrupter()
    const thread = new EngineThread({
      start: {
        extensionArchives: this.#extensionArchives,
        programFile: join(this.#packageDirectory, 'pglite.data'),
        outputWindowBytes: streamCreditMax * batchBytesTarget,
      },
      interrupter: this.#interrupter,
      compileCacheDirectory: this.#compileCacheDirectory,
      heapMegabytes: this.#options.heapMegabytes ?? engineHeapMegabytes,
    })
    try {
      const { wasmModule, sha256 } = await this.#compile()
      if (this.#isDisposed) throw disposed()
      if (thread.end !== null) throw thread.end
      thread.send({ kind: 'program', program: { wasmModule, sessionLayout: knownSessionLayout(sha256) } })
      return thread
    } catch (error) {
      await thread.terminate(disposed())
      throw error
    }
  }

  /** Compiled once; V8 shares the code with the workers it is sent to. */
  async #compile(): Promise<CompiledModule> {
    const wasmFile = join(this.#packageDirectory, 'pglite.wasm')
    this.#compiled ??= this.#fileThread.compile(wasmFile)
    try {
      return await this.#compiled
    } catch (error) {
      this.#compiled = null
      throw error
    }
  }
}

function disposed(): WorkbenchError {
  return new WorkbenchError('closed', 'The engines have been shut down')
}

/** An empty database in their place would look as if everything had been deleted. */
function lostFiles(directory: string | null): WorkbenchError {
  return new WorkbenchError(
    'corrupt',
    `${directory ?? 'The memory'} held a database and is empty now. If its disk is not mounted, mount it; else ` +
      'restore the directory from a backup, or delete the instance and create a new one',
  )
}

async function isMissingOrEmpty(directory: string): Promise<boolean> {
  // What cannot be read is not new; opening it says why.
  const names = await readdir(directory).catch((error: unknown) =>
    error instanceof Error && 'code' in error && error.code === 'ENOENT' ? [] : ['?'],
  )
  return names.length === 0
}

function readPgliteVersion(packageDirectory: string): string {
  const require = createRequire(import.meta.url)
  const { version } = require(join(packageDirectory, '..', 'package.json')) as { version: string }
  return version
}
