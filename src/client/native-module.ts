/**
 * The WebAssembly modules of the text reader and the frame codec, as base64. From source there are none, and JavaScript
 * does their work; the build of the package puts them here (build/client-package.ts).
 */

export const textReaderBase64: string = ''
export const frameCodecBase64: string = ''
