/** What the preload's world of a page and the main process say to each other. */

import type { PortMessage } from './message-ports.ts'

export type FromPage =
  | { readonly kind: 'hello'; readonly url: string }
  | {
      readonly kind: 'send'
      readonly channel: string
      readonly args: readonly unknown[]
      readonly ports: readonly string[]
    }
  | {
      readonly kind: 'invoke'
      readonly id: number
      readonly channel: string
      readonly args: readonly unknown[]
    }
  | { readonly kind: 'preload-error'; readonly message: string }
  | PortMessage

export type ToPage =
  | {
      readonly kind: 'message'
      readonly channel: string
      readonly args: readonly unknown[]
      readonly ports: readonly string[]
    }
  | { readonly kind: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly error: string }
  | PortMessage

/** What the preload's world is told when it is made. */
export interface PageBoot {
  /** Path of the socket, on the page's own origin: its policy lets it connect nowhere else. */
  readonly socketPath: string
  /** Where the socket is for a page of elsewhere: name and port. */
  readonly socketHost: string
  readonly token: string
  readonly platform: string
  readonly arch: string
  readonly versions: Readonly<Record<string, string | undefined>>
  /** Where files lie that a spec drops on the page; a path is made of it and the file's name. */
  readonly dropFolder: string
}
