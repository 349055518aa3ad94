/**
 * The templates that new instances are copied from: the one that the product came with, else one made once per
 * PGlite version under a directory that the caller gives. Safe when several processes make the same one at once:
 * each makes its own and the first to rename wins. Knows no instance.
 */

import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileSystemError } from './check-directory.ts'
import type { TemplateRequest, TemplateSource } from './engine-message.ts'
import { runOneShotWorker } from './one-shot-worker.ts'
import { isWholeImage, parseContents } from './template-image.ts'

/** Goes up when templates are made in another way. */
const recipe = 4
const imageName = 'data.image'
const manifestName = 'template.json'

export interface TemplateStoreOptions {
  /** Created when missing. */
  readonly directory: string
  /** Where a template may lie that came with the product; never written to. */
  readonly shippedDirectory: string | null
  readonly pgliteVersion: string
}

export class TemplateStore {
  readonly #options: TemplateStoreOptions
  #ready: Promise<TemplateSource> | null = null
  /** Null where there is none that can be used. */
  #shippedHome: string | null

  constructor(options: TemplateStoreOptions) {
    this.#options = options
    this.#shippedHome = options.shippedDirectory && join(options.shippedDirectory, this.#name)
  }

  /** The template, made now if there is none. Throws `disk-full`, `permission-denied`. */
  async template(wasmModule: WebAssembly.Module): Promise<TemplateSource> {
    this.#ready ??= this.#find(wasmModule)
    try {
      return await this.#ready
    } catch (error) {
      // The next call may find more space or other permissions.
      this.#ready = null
      throw error
    }
  }

  /** Makes the template anew at the next call, as after it turned out to be incomplete. */
  async discard(): Promise<void> {
    const damagedSource = await this.#ready?.catch(() => null)
    this.#ready = null
    if (this.#shippedHome !== null && damagedSource?.imageFile === join(this.#shippedHome, imageName)) {
      this.#shippedHome = null
      return
    }
    // Renamed first, so that nobody finds a template that is half gone.
    const damaged = `${this.#home}.damaged-${randomBytes(6).toString('hex')}`
    await rename(this.#home, damaged).catch(() => undefined)
    await rm(damaged, { recursive: true, force: true })
  }

  get #home(): string {
    return join(this.#options.directory, this.#name)
  }

  get #name(): string {
    return `pglite-${this.#options.pgliteVersion}-r${recipe}`
  }

  async #find(wasmModule: WebAssembly.Module): Promise<TemplateSource> {
    try {
      const shipped = this.#shippedHome && (await this.#read(this.#shippedHome))
      const known = shipped ?? (await this.#read(this.#home))
      if (known) return known
      await this.#make(wasmModule)
      const made = await this.#read(this.#home)
      if (made) return made
      throw new Error(`The template at ${this.#home} vanished while it was made`)
    } catch (error) {
      throw fileSystemError(error, this.#home)
    }
  }

  async #read(home: string): Promise<TemplateSource | null> {
    const manifest = await readFile(join(home, manifestName), 'utf8').catch(() => null)
    if (manifest === null) return null
    const contents = parseContents(manifest)
    if (!contents) return null
    const source = { imageFile: join(home, imageName), contents }
    return isWholeImage(source) ? source : null
  }

  async #make(wasmModule: WebAssembly.Module): Promise<void> {
    const building = `${this.#home}.building-${randomBytes(6).toString('hex')}`
    try {
      await mkdir(this.#options.directory, { recursive: true, mode: 0o700 })
      const request: TemplateRequest = { home: building, imageName, manifestName, wasmModule }
      await runOneShotWorker<null>('template-worker', request)
      await this.#publish(building)
    } finally {
      await rm(building, { recursive: true, force: true })
    }
  }

  async #publish(building: string): Promise<void> {
    try {
      await rename(building, this.#home)
    } catch (error) {
      const isThere = await this.#read(this.#home).catch(() => null)
      if (isThere) return // Another process was first, and its template is as good.
      // What lies there is left from an attempt without a manifest, or damaged.
      await rm(this.#home, { recursive: true, force: true })
      await rename(building, this.#home).catch(() => {
        throw error
      })
    }
  }
}
