/** What the Electron shell adds to the page: `window.wardianShell`. A page without it is served. */

export interface WardianShell {
  readonly kind: 'electron'
  /**
   * Asks for a port to the host. It arrives as a MessageEvent of the page's window whose data is `wardian:port`,
   * whose source is that window, and whose one port is it. The same message without a port says that the host has
   * ended; asking again starts another one.
   */
  requestPort(): void
  /** Asks for a port to the app itself; it arrives the same way as `wardian:shell-port`. */
  requestShellPort(): void
  /** Where a file that was dropped on the page lies; empty where it lies nowhere. */
  pathOf(file: object): string
}
