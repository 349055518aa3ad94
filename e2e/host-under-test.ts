/** What specs know of the host that they test, whichever shell it runs in. */

import type { Page } from '@playwright/test'

/** `serve` is the headless shell in a browser; `standin` the desktop app without Electron; `electron` on it. */
export type Target = 'serve' | 'standin' | 'electron'

export interface Ready {
  /** With the token in its fragment. */
  readonly url: string
  readonly port: number
  readonly data: string
}

export interface CommandEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface StartOptions {
  /** Added to the environment. */
  readonly environment?: Readonly<Record<string, string>>
  /** No file may become larger (RLIMIT_FSIZE), so that writing fails as on a full disk; in steps of 512. */
  readonly fileBytesMax?: number
  /** Runs as this user; only root can choose. */
  readonly user?: { readonly uid: number; readonly gid: number }
}

export interface HostUnderTest {
  readonly dataDirectory: string
  /** Where it is served; a desktop app has no address. */
  readonly ready: Ready
  readonly origin: string
  /** What it said on stderr since it was created. */
  readonly narration: string
  hostProcessId(): Promise<number>
  /** Starts it, and waits until it can be used. */
  start(options?: StartOptions): Promise<unknown>
  /** Ends it as a person would. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<number | null>
  /** Ends the process of the host as a power cut would. */
  kill(): Promise<void>
  dispose(): Promise<void>
  /** Runs another command of the program on the same data directory. */
  command(args: readonly string[]): Promise<CommandEnd>
  /** Shows the workbench: in `page`, where that is a browser's, else in the app's own window, which is returned. */
  show(page: Page): Promise<Page>
}
