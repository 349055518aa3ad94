/** What is used of electron-installer-debian, which brings no types. */
declare module 'electron-installer-debian' {
  export interface InstallerOptions {
    readonly src: string
    readonly dest: string
    readonly arch: string
    readonly name: string
    readonly bin: string
    readonly version: string
    readonly maintainer: string
    readonly section: string
    readonly compression: string
    readonly description: string
    readonly productDescription: string
    readonly depends: readonly string[]
    readonly suggests: readonly string[]
    readonly scripts: Readonly<Record<string, string>>
    readonly rename: (dest: string) => string
    readonly logger: (line: string) => void
  }

  /** Its steps are called one after the other; those of `contentFunctions` by name, at once. */
  export class Installer {
    constructor(options: InstallerOptions)
    readonly stagingDir: string
    readonly options: InstallerOptions & { readonly packagePaths: readonly string[] }
    get contentFunctions(): string[]
    generateDefaults(): Promise<unknown>
    generateOptions(): unknown
    createStagingDir(): Promise<unknown>
    createContents(): Promise<unknown>
    createPackage(): Promise<void>
    movePackage(): Promise<void>
  }
}
