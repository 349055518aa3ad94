/**
 * What runs in a page before its own scripts: in the page's world one end of the bridge, in a world of its own the
 * other end, the preload script, and the way to the main process. Each function is self-contained, since its text is
 * sent to the page.
 */

import type { FromPage, PageBoot, ToPage } from './page-messages.ts'
import { createValueCodec, type ValueCodec } from './value-codec.ts'

interface Bridge {
  expose(name: string, api: unknown): void
}

/**
 * One of the two ends of contextBridge. Values cross as details of events that only the two ends know the name of;
 * functions and promises cross as numbers, and what arrives in the page is frozen.
 */
function createBridge(side: 'page' | 'preload', token: string): Bridge {
  type Detail =
    | { readonly kind: 'expose'; readonly name: string; readonly value: unknown }
    | { readonly kind: 'call'; readonly id: number; readonly fn: number; readonly args: unknown }
    | { readonly kind: 'return'; readonly id: number; readonly value?: unknown; readonly error?: Failure }
    | { readonly kind: 'settle'; readonly id: number; readonly value?: unknown; readonly error?: Failure }
  interface Failure {
    readonly name: string
    readonly message: string
  }
  const outgoing = token + side
  const incoming = token + (side === 'page' ? 'preload' : 'page')
  // Taken before any script of the page could replace them.
  const dispatch = document.dispatchEvent.bind(document)
  const Message = CustomEvent
  const { isArray } = Array
  const { freeze, getPrototypeOf, keys, defineProperty, hasOwn, assign } = Object
  const plain = Object.prototype
  const PagePromise = Promise
  const functions = new Map<number, (...args: unknown[]) => unknown>()
  const numbers = new WeakMap<object, number>()
  const settlers = new Map<number, PromiseWithResolvers<unknown>>()
  const returns = new Map<number, Detail & { kind: 'return' }>()
  let lastNumber = 0

  const send = (detail: Detail): void => void dispatch(new Message(outgoing, { detail }))
  const failure = (error: unknown): Failure =>
    error instanceof Error
      ? { name: error.name, message: error.message }
      : { name: 'Error', message: String(error) }
  const failed = ({ name, message }: Failure): Error => assign(new Error(message), { name })

  function wrap(value: unknown, depth = 0): unknown {
    if (depth > 1_000) throw new TypeError('Electron contextBridge recursion depth exceeded.')
    if (typeof value === 'symbol') throw new TypeError('An object could not be cloned.')
    if (typeof value === 'function') {
      const number = numbers.get(value) ?? (lastNumber += 1)
      numbers.set(value, number)
      functions.set(number, value as (...args: unknown[]) => unknown)
      return { $function: number }
    }
    if (typeof value !== 'object' || value === null) return value
    if (value instanceof PagePromise) {
      const id = (lastNumber += 1)
      value.then(
        (result) => send({ kind: 'settle', id, value: wrap(result) }),
        (error: unknown) => send({ kind: 'settle', id, error: failure(error) }),
      )
      return { $promise: id }
    }
    if (isArray(value)) {
      const list: unknown[] = []
      for (let index = 0; index < value.length; index += 1) list[index] = wrap(value[index], depth + 1)
      return list
    }
    const prototype: unknown = getPrototypeOf(value)
    // Dates, errors, buffers and the like are cloned on the way.
    if (prototype !== plain && prototype !== null) return value
    const copy: Record<string, unknown> = {}
    for (const key of keys(value)) copy[key] = wrap(Reflect.get(value, key), depth + 1)
    return copy
  }

  function call(fn: number, args: readonly unknown[]): unknown {
    const id = (lastNumber += 1)
    send({ kind: 'call', id, fn, args: wrap([...args]) })
    const answer = returns.get(id)
    returns.delete(id)
    if (!answer) throw new Error('The bridge is gone')
    if (answer.error) throw failed(answer.error)
    return unwrap(answer.value, false)
  }

  function unwrap(value: unknown, isFrozen: boolean): unknown {
    if (typeof value !== 'object' || value === null) return value
    if ('$function' in value) {
      const { $function } = value as { readonly $function: number }
      return (...args: unknown[]) => call($function, args)
    }
    if ('$promise' in value) {
      const settler = PagePromise.withResolvers<unknown>()
      settlers.set((value as { readonly $promise: number }).$promise, settler)
      return settler.promise
    }
    const isList = isArray(value)
    if (!isList && getPrototypeOf(value) !== plain) return value
    const copy: Record<string, unknown> | unknown[] = isList ? [] : {}
    for (const key of keys(value)) Reflect.set(copy, key, unwrap(Reflect.get(value, key), isFrozen))
    return isFrozen ? freeze(copy) : copy
  }

  function answer({ id, fn, args }: Detail & { kind: 'call' }): void {
    try {
      const result = functions.get(fn)?.(...(unwrap(args, false) as unknown[]))
      send({ kind: 'return', id, value: wrap(result) })
    } catch (error) {
      send({ kind: 'return', id, error: failure(error) })
    }
  }

  function receive(detail: Detail): void {
    if (detail.kind === 'call') return answer(detail)
    if (detail.kind === 'return') return void returns.set(detail.id, detail)
    if (detail.kind === 'settle') {
      const settler = settlers.get(detail.id)
      settlers.delete(detail.id)
      if (detail.error) settler?.reject(failed(detail.error))
      else settler?.resolve(unwrap(detail.value, false))
      return
    }
    if (hasOwn(window, detail.name)) throw new Error(`Cannot bind an API on top of ${detail.name}`)
    const value = unwrap(detail.value, true)
    defineProperty(window, detail.name, { value, enumerable: true, writable: false, configurable: false })
  }

  document.addEventListener(incoming, (event) => {
    event.stopImmediatePropagation()
    receive((event as CustomEvent<Detail>).detail)
  })
  return { expose: (name, api) => send({ kind: 'expose', name, value: wrap(api) }) }
}

interface Link {
  post(message: FromPage): void
  /** What arrives goes to `listener`. */
  listen(listener: (message: ToPage) => void): void
}

/**
 * The way to the main process, on the page's own origin where the app serves it, since its policy lets it connect
 * nowhere else: up by a socket, down by a response that never ends, of which Playwright is not told every byte. Pages
 * that nobody served, such as those of errors, have none.
 */
function createLink(codec: ValueCodec, { socketPath, socketHost }: PageBoot): Link {
  const waiting: Uint8Array<ArrayBuffer>[] = []
  const isServed = location.protocol === 'http:'
  const host = location.hostname.endsWith('.localhost') ? location.host : socketHost
  const socket = isServed ? new WebSocket(`ws://${host}${socketPath}`) : null
  const pageFetch = fetch.bind(window)

  async function readDown(path: string, listener: (message: ToPage) => void): Promise<void> {
    const { body } = await pageFetch(`http://${host}${path}`)
    const reader = body?.getReader()
    const head = new Uint8Array(4)
    let frame: Uint8Array | null = null
    let filled = 0
    for (;;) {
      const part = await reader?.read()
      if (!part || part.done) return
      let bytes = part.value
      while (bytes.length > 0) {
        const target: Uint8Array = frame ?? head
        const taken = bytes.subarray(0, target.length - filled)
        target.set(taken, filled)
        filled += taken.length
        bytes = bytes.subarray(taken.length)
        if (filled < target.length) continue
        filled = 0
        if (frame) listener(codec.decode(frame) as ToPage)
        frame = frame ? null : new Uint8Array(new DataView(head.buffer).getUint32(0))
      }
    }
  }

  if (socket) {
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => waiting.splice(0).forEach((frame) => socket.send(frame)))
  }
  return {
    post: (message) => {
      const frame = codec.encode(message)
      if (socket?.readyState === WebSocket.OPEN) socket.send(frame)
      else waiting.push(frame)
    },
    listen: (listener) => {
      // The one thing that the socket brings: where the response is.
      socket?.addEventListener('message', ({ data }: MessageEvent<string>) => {
        // It ends with the document, or with the app.
        readDown(data, listener).catch(() => undefined)
      })
    },
  }
}

interface PagePorts {
  give(port: MessagePort): string
  take(id: string): MessagePort
  receive(message: ToPage): void
}

/** The page's end of the tunnel for ports. */
function createPagePorts(post: (message: FromPage) => void): PagePorts {
  const ports = new Map<string, MessagePort>()
  let lastNumber = 0

  function adopt(id: string, port: MessagePort): void {
    ports.set(id, port)
    port.addEventListener('message', ({ data, ports: sent }: MessageEvent<unknown>) => {
      post({ kind: 'port', id, data, ports: sent.map(give) })
    })
    port.addEventListener('close', () => {
      if (ports.delete(id)) post({ kind: 'port-close', id })
    })
    port.start()
  }
  function give(port: MessagePort): string {
    lastNumber += 1
    const id = `page${lastNumber}`
    adopt(id, port)
    return id
  }
  function take(id: string): MessagePort {
    const { port1, port2 } = new MessageChannel()
    adopt(id, port1)
    return port2
  }
  function receive(message: ToPage): void {
    if (message.kind === 'port') ports.get(message.id)?.postMessage(message.data, message.ports.map(take))
    if (message.kind !== 'port-close') return
    const port = ports.get(message.id)
    ports.delete(message.id)
    port?.close()
  }
  return { give, take, receive }
}

type Listener = (event: object, ...args: readonly unknown[]) => void

/** What a preload script finds under `electron`. */
function createRendererModule(
  bridge: Bridge,
  link: Link,
  { ports, dropFolder }: { readonly ports: PagePorts; readonly dropFolder: string },
): object {
  const listeners = new Map<string, Set<Listener>>()
  const invoked = new Map<number, PromiseWithResolvers<unknown> & { readonly channel: string }>()
  let lastId = 0

  function strict<T extends object>(name: string, target: T): T {
    return new Proxy(target, {
      get: (object, key) => {
        if (typeof key === 'string' && !(key in object) && key !== 'then' && key !== '__esModule') {
          throw new Error(`stand-in: ${name}.${key} is not implemented`)
        }
        return Reflect.get(object, key) as unknown
      },
    })
  }
  function on(channel: string, listener: Listener): void {
    listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener))
  }
  const ipcRenderer = {
    send: (channel: string, ...args: unknown[]) => link.post({ kind: 'send', channel, args, ports: [] }),
    postMessage: (channel: string, message: unknown, transfer: readonly MessagePort[] = []) =>
      link.post({ kind: 'send', channel, args: [message], ports: transfer.map(ports.give) }),
    invoke: (channel: string, ...args: unknown[]) => {
      const settler = { ...Promise.withResolvers<unknown>(), channel }
      lastId += 1
      invoked.set(lastId, settler)
      link.post({ kind: 'invoke', id: lastId, channel, args })
      return settler.promise
    },
    on,
    off: (channel: string, listener: Listener) => void listeners.get(channel)?.delete(listener),
    removeListener: (channel: string, listener: Listener) => void listeners.get(channel)?.delete(listener),
  }
  link.listen((message) => {
    switch (message.kind) {
      case 'message': {
        const event = { sender: ipcRenderer, ports: message.ports.map(ports.take) }
        for (const listener of listeners.get(message.channel) ?? []) listener(event, ...message.args)
        return
      }
      case 'reply':
        invoked.get(message.id)?.resolve(message.value)
        return
      case 'refusal': {
        const { channel = '', reject } = invoked.get(message.id) ?? {}
        reject?.(new Error(`Error invoking remote method '${channel}': ${message.error}`))
        return
      }
      case 'port':
      case 'port-close':
        ports.receive(message)
    }
  })
  return strict('electron', {
    contextBridge: strict('contextBridge', { exposeInMainWorld: bridge.expose }),
    ipcRenderer: strict('ipcRenderer', ipcRenderer),
    // A page cannot tell where a file lies; a real one of Electron can. Files that scripts made have no path.
    webUtils: strict('webUtils', {
      getPathForFile: (file: File) => (dropFolder === '' ? '' : `${dropFolder}/${file.name}`),
    }),
  })
}

interface World {
  readonly require: (name: string) => object
  readonly process: object
  readonly post: (message: FromPage) => void
}

/** The text of a function that runs elsewhere; types are stripped from it already. */
function textOf(fn: unknown): string {
  return `(${String(fn)})`
}

/** The source of what runs in the page's own world. */
export function pageSource(token: string): string {
  return `${textOf(createBridge)}('page', ${JSON.stringify(token)})`
}

/** The source of what runs in the preload's world: only in the window's own frame, as `preload` does. */
export function preloadSource(boot: PageBoot, preload: string): string {
  const setUp = `(() => {
  const boot = ${JSON.stringify(boot)}
  const bridge = ${textOf(createBridge)}('preload', boot.token)
  const link = ${textOf(createLink)}(${textOf(createValueCodec)}(), boot)
  const ports = ${textOf(createPagePorts)}(link.post)
  link.post({ kind: 'hello', url: location.href })
  const { dropFolder } = boot
  const electron = ${textOf(createRendererModule)}(bridge, link, { ports, dropFolder })
  return ${textOf(createWorld)}(boot, electron, link.post)
})()`
  return `if (window === top) {
  const world = ${setUp}
  try {
    ;(function (require, process, module, exports) {${preload}
    })(world.require, world.process, { exports: {} }, {})
  } catch (error) {
    world.post({ kind: 'preload-error', message: String((error && error.stack) || error) })
    throw error
  }
}`
}

/** What a sandboxed preload script sees of Node. */
function createWorld(boot: PageBoot, electron: object, post: (message: FromPage) => void): World {
  const { platform, arch, versions } = boot
  return {
    post,
    require: (name) => {
      if (name === 'electron' || name === 'electron/renderer') return electron
      throw new Error(`module not found: ${name}`)
    },
    process: Object.freeze({
      platform,
      arch,
      versions,
      type: 'renderer',
      sandboxed: true,
      contextIsolated: true,
    }),
  }
}
