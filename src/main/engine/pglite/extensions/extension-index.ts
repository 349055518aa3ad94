/** The form of the list of what is in the archives of extensions. The list itself is generated. */

/**
 * Relative to PGlite's prefix, with forward slashes; where its bytes begin in the unpacked archive; how many; and of
 * control files the text, because pg_available_extensions reads them all.
 */
export type IndexedFile = readonly [name: string, offset: number, byteCount: number, text?: string]

/** What a control file says. */
export interface IndexedExtension {
  /** As CREATE EXTENSION has it. */
  readonly name: string
  readonly version: string
  readonly comment: string
  /** Extensions that it builds on. */
  readonly requires: readonly string[]
}

export interface IndexedBundle {
  /** As of extensionBundles. */
  readonly name: string
  /** Of the archive, unpacked. */
  readonly byteCount: number
  readonly extensions: readonly IndexedExtension[]
  readonly files: readonly IndexedFile[]
}
