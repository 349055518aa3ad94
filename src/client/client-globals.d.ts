/**
 * The globals that every runtime of the client has (browsers, Node 20 and later, workers), beyond those of
 * src/base/std-globals.d.ts. `WebSocket` is not among them: Node 20 has none, so it is looked for at run time.
 */

declare function atob(base64: string): string
declare function btoa(bytes: string): string

/** https://url.spec.whatwg.org/#url-class, as far as it is used. */
interface URL {
  protocol: string
  pathname: string
  readonly username: string
  readonly password: string
  readonly search: string
  readonly hash: string
  toString(): string
}
declare const URL: { new (url: string): URL }
