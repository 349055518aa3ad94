/**
 * What the page may do, for every shell alike: the content security policy and the headers that go with it.
 * Knows no server; both shells send exactly these.
 */

/**
 * Names of the Trusted Types policies that the page's libraries create. A script that got into the page could
 * make no further one. `default` is the page's own and passes worker scripts of its own origin alone; the others
 * are monaco-editor 0.57's (its sources, `createTrustedTypesPolicy`) and DOMPurify's within it.
 */
export const trustedTypesPolicies = [
  'default',
  'defaultWorkerFactory',
  'diffEditorWidget',
  'diffReview',
  'domLineBreaksComputer',
  'dompurify',
  'editorGhostText',
  'editorViewLayer',
  'richScreenReaderContent',
  'standaloneColorizer',
  'stickyScrollViewLayer',
  'tokenizeToString',
] as const

/**
 * Nothing but the page's own files. `wasm-unsafe-eval` compiles the parser and the decoder and allows no
 * JavaScript from text. Monaco and the grid write style attributes, hence `unsafe-inline` for styles alone.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "worker-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  `trusted-types ${trustedTypesPolicies.join(' ')}`,
].join('; ')

/** The headers of every response that a shell gives to its page. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=(), serial=(), hid=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}
