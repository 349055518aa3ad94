/** `WebFrameMain`, as far as there is one: the top frame of one document, which ends with the document. */

import type Electron from 'electron'
import { strict } from './strict.ts'

type Members = Pick<
  Electron.WebFrameMain,
  'url' | 'origin' | 'parent' | 'isDestroyed' | 'detached' | 'send' | 'postMessage'
>

export interface FrameOwner {
  send(channel: string, ...args: readonly unknown[]): void
  postMessage(channel: string, message: unknown, transfer?: readonly unknown[]): void
}

export class StandInFrame implements Members {
  url: string
  readonly parent = null
  detached = false
  readonly #owner: FrameOwner

  constructor(url: string, owner: FrameOwner) {
    this.url = url
    this.#owner = owner
  }

  get origin(): string {
    const { protocol, host } = new URL(this.url)
    return `${protocol}//${host}`
  }

  isDestroyed(): boolean {
    return this.detached
  }

  send(channel: string, ...args: readonly unknown[]): void {
    if (!this.detached) this.#owner.send(channel, ...args)
  }

  postMessage(channel: string, message: unknown, transfer: readonly unknown[] = []): void {
    if (!this.detached) this.#owner.postMessage(channel, message, transfer)
  }
}

/** A frame whose unknown members throw. */
export function createFrame(url: string, owner: FrameOwner): StandInFrame {
  return strict('WebFrameMain', new StandInFrame(url, owner))
}
