/**
 * The few globals that every runtime of the product has (Node, browsers, workers, Electron). Layers that run
 * anywhere see these and nothing else; `console`, `process`, `window` and ports are not among them on purpose.
 */

interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
  throwIfAborted(): void
}
interface AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}
declare const AbortController: { new (): AbortController }

interface TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>
  encodeInto(text: string, bytes: Uint8Array): { readonly read: number; readonly written: number }
}
declare const TextEncoder: { new (): TextEncoder }
interface TextDecoder {
  decode(bytes?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string
}
declare const TextDecoder: {
  new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder
}

declare const performance: { now(): number }
declare function setTimeout(action: () => void, delayMs?: number): number
declare function clearTimeout(timer: number): void
declare function queueMicrotask(action: () => void): void
