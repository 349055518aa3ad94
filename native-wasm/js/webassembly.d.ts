/**
 * The part of the WebAssembly interface that is used here (W3C WebAssembly JavaScript Interface, section 5).
 * Every runtime has it, but TypeScript declares it only together with the whole DOM.
 */

declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer
  }

  interface Module {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module'
  }
  const Module: {
    new (bytes: ArrayBufferView | ArrayBuffer): Module
    exports(module: Module): { readonly name: string; readonly kind: string }[]
    imports(module: Module): { readonly name: string; readonly module: string }[]
  }

  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>
  }
  const Instance: { new (module: Module): Instance }

  /** Rejects what is no module, and where a page's policy forbids WebAssembly. */
  function compile(bytes: ArrayBufferView | ArrayBuffer): Promise<Module>
}
