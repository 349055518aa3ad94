/**
 * The WebAssembly module of the text reader, as base64. From source there is none, and its twin does the work; the
 * build of the package puts it here (build/client-package.ts).
 */

export const nativeModuleBase64: string = ''
