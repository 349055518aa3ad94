/**
 * What the app remembers besides the host's data: its windows, files of late, its own settings, and whether the
 * graphics processor let it down. One small file; a damaged one is as none.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WorkbenchError } from '../../contract/error.ts'
import { array, boolean, object, string, type Infer, type Schema } from '../../contract/schema.ts'
import { shellSettingsSchema, type ShellSettings } from '../../contract/shell-contract.ts'
import { writePrivateJson } from '../storage/private-files.ts'
import { windowRecordSchema, type WindowRecord } from './window-placement.ts'

/** More windows than anybody arranges. */
const windowsMax = 20
const recentFilesMax = 12

export const usualShellSettings: ShellSettings = {
  proxy: 'system',
  proxyAddress: '',
  usesGpu: true,
  staysInTray: false,
  notifies: true,
  staysAwake: true,
  updatesItself: true,
}

const recordSchema = object({
  windows: array(windowRecordSchema, windowsMax),
  recentFiles: array(string(4_096, 1), recentFilesMax),
  settings: shellSettingsSchema,
  /** Its process kept ending; drawing goes without it until the user asks for it again. */
  hasGpuFailed: boolean,
})
export type ShellRecord = Infer<typeof recordSchema>

const empty: ShellRecord = {
  windows: [],
  recentFiles: [],
  settings: usualShellSettings,
  hasGpuFailed: false,
}

export class ShellMemory {
  readonly #path: string
  readonly #onFailure: (error: unknown) => void
  #record: ShellRecord
  #writing: Promise<void> = Promise.resolve()

  /** Reads what is there, at once: some of it is needed before the app is ready. */
  constructor(directory: string, onFailure: (error: unknown) => void) {
    this.#path = join(directory, 'shell.json')
    this.#onFailure = onFailure
    this.#record = readRecord(this.#path)
  }

  get record(): ShellRecord {
    return this.#record
  }

  /** Takes effect at once, and is written soon after. */
  change(fields: Partial<ShellRecord>): void {
    this.#record = { ...this.#record, ...fields }
    const { windows, recentFiles } = this.#record
    const written = {
      ...this.#record,
      windows: windows.slice(0, windowsMax),
      recentFiles: recentFiles.slice(0, recentFilesMax),
    }
    this.#writing = this.#writing.then(() => writePrivateJson(this.#path, written)).catch(this.#onFailure)
  }

  rememberWindows(windows: readonly WindowRecord[]): void {
    this.change({ windows })
  }

  /** The newest first, each once. */
  rememberFile(file: string): void {
    const others = this.#record.recentFiles.filter((known) => known !== file)
    this.change({ recentFiles: [file, ...others].slice(0, recentFilesMax) })
  }

  /** Resolves when everything is on disk. */
  async flush(): Promise<void> {
    await this.#writing
  }
}

function readRecord(path: string): ShellRecord {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return empty
  }
  // Field by field: one that is damaged, or that an older version did not have, costs that field alone.
  const field = <K extends keyof ShellRecord>(name: K, schema: Schema<ShellRecord[K]>): ShellRecord[K] => {
    const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
    return parsed(schema, found) ?? empty[name]
  }
  return {
    windows: field('windows', array(windowRecordSchema, windowsMax)),
    recentFiles: field('recentFiles', array(string(4_096, 1), recentFilesMax)),
    settings: field('settings', shellSettingsSchema),
    hasGpuFailed: field('hasGpuFailed', boolean),
  }
}

function parsed<T>(schema: Schema<T>, value: unknown): T | null {
  try {
    return schema.parse(value, 'record')
  } catch (error) {
    if (error instanceof WorkbenchError) return null
    throw error
  }
}
