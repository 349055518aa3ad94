/**
 * Windows programs as far as packing knows them: one without code, and what a program tells of itself. Knows nothing of
 * Electron.
 */
import { createRequire } from 'node:module'

/** American English in Unicode, the language that Electron's own program has. */
const language = { lang: 0x0409, codepage: 1200 }

interface Entry {
  readonly type: string | number
  readonly bin: ArrayBuffer
}

interface VersionInfo {
  setStringValues(language: object, values: Readonly<Record<string, string>>): void
  getStringValues(language: object): Record<string, string>
  outputToResourceEntries(entries: readonly Entry[]): void
}

interface Program {
  generate(): ArrayBuffer
}

interface Resources {
  readonly entries: readonly Entry[]
  outputResource(program: Program): void
}

/** What is used of it. Its own types would make a browser's out of every program that they are compiled with. */
interface Resedit {
  readonly NtExecutable: {
    createEmpty(is32Bit: boolean, isLibrary: boolean): Program
    from(bytes: Uint8Array): Program
  }
  readonly NtExecutableResource: { from(program: Program): Resources }
  readonly Resource: {
    readonly VersionInfo: {
      createEmpty(): VersionInfo
      fromEntries(entries: readonly Entry[]): VersionInfo[]
    }
  }
}

const { NtExecutable, NtExecutableResource, Resource } = createRequire(import.meta.url)('resedit') as Resedit

/** A program without code, of that name. */
export function emptyProgram(productName: string): Buffer {
  const program = NtExecutable.createEmpty(false, false)
  const resources = NtExecutableResource.from(program)
  const told = Resource.VersionInfo.createEmpty()
  told.setStringValues(language, { ProductName: productName })
  told.outputToResourceEntries(resources.entries)
  resources.outputResource(program)
  return Buffer.from(program.generate())
}

export interface ToldByProgram {
  /** Such as ProductName and FileVersion. */
  readonly version: Readonly<Record<string, string>>
  /** What Electron checks its archive by; empty without. */
  readonly integrity: string
}

/** Reads the resources of a program. */
export function toldByProgram(bytes: Uint8Array): ToldByProgram {
  const { entries } = NtExecutableResource.from(NtExecutable.from(bytes))
  const [version] = Resource.VersionInfo.fromEntries(entries)
  const integrity = entries.find(({ type }) => type === 'INTEGRITY')
  return {
    version: version?.getStringValues(language) ?? {},
    integrity: integrity === undefined ? '' : Buffer.from(integrity.bin).toString(),
  }
}
