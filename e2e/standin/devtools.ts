/**
 * The DevTools protocol over a pipe: messages are JSON and end with a zero byte. One connection for the browser, one
 * session for each page; typed as Playwright types its own. Knows no window.
 */

import { EventEmitter } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import type { CDPSession } from '@playwright/test'

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly sessionId?: string
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

interface Waiting {
  readonly method: string
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** What is used of a session, with the methods and events of the protocol as Playwright knows them. */
export interface DevToolsSession {
  readonly send: CDPSession['send']
  readonly on: CDPSession['on']
}

export class DevTools {
  readonly #input: Writable
  readonly #waiting = new Map<number, Waiting>()
  readonly #events = new EventEmitter().setMaxListeners(0)
  #lastId = 0
  #rest = ''

  constructor(input: Writable, output: Readable) {
    this.#input = input
    // Written to a browser that has ended; whoever waits is told by `end`.
    input.on('error', () => undefined)
    output.setEncoding('utf8')
    output.on('data', (part: string) => this.#receive(part))
    output.on('end', () => this.#end())
  }

  /** The session with this id, or the browser's own. */
  session(sessionId?: string): DevToolsSession {
    const send = (method: string, params?: object): Promise<unknown> => this.#send(method, params, sessionId)
    const on = (method: string, listener: (event: unknown) => void): void => {
      this.#events.on(eventName(method, sessionId), listener)
    }
    return { send, on } as unknown as DevToolsSession
  }

  #send(method: string, params: object | undefined, sessionId: string | undefined): Promise<unknown> {
    this.#lastId += 1
    const id = this.#lastId
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.set(id, { method, resolve, reject })
    this.#input.write(`${JSON.stringify({ id, method, params: params ?? {}, sessionId })}\0`)
    return promise
  }

  #receive(part: string): void {
    const messages = (this.#rest + part).split('\0')
    this.#rest = messages.pop() ?? ''
    for (const message of messages) this.#dispatch(JSON.parse(message) as Message)
  }

  #dispatch({ id, method, params, sessionId, result, error }: Message): void {
    if (id === undefined) {
      this.#events.emit(eventName(method ?? '', sessionId), params)
      return
    }
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error) waiting?.reject(new Error(`${waiting.method}: ${error.message}`))
    else waiting?.resolve(result)
  }

  #end(): void {
    for (const { method, reject } of this.#waiting.values())
      reject(new Error(`${method}: the browser has ended`))
    this.#waiting.clear()
  }
}

function eventName(method: string, sessionId: string | undefined): string {
  return `${sessionId ?? ''}:${method}`
}
