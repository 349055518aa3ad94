/**
 * Guards of the desktop app, each taken out of the sources in turn, and the one test that has to fail then. Knows how
 * to change a text; build/mutate-shell.ts builds and runs.
 */

/** A test by the file it is in and its own title. */
export interface GuardTest {
  /** `e2e` runs on the stand-in against the app as built; `unit` needs no build. */
  readonly kind: 'e2e' | 'unit'
  readonly file: string
  readonly title: string
}

export interface ShellMutation {
  /** What is taken away. */
  readonly guard: string
  readonly file: string
  /** Occurs once in the file. */
  readonly from: string
  readonly to: string
  readonly test: GuardTest
}

const guards = (title: string): GuardTest => ({ kind: 'e2e', file: 'e2e/desktop-guards.spec.ts', title })
const security = (title: string): GuardTest => ({ kind: 'e2e', file: 'e2e/desktop-security.spec.ts', title })

const leavesForNowhere = guards('a page leaves for nowhere, whichever of the two guards is there')
const goesNowhere = security('the page goes nowhere, opens no window and embeds nothing')
const runsNoCode = security('the page runs no code from text, talks to nobody, and finds no file beside it')
const hasBridgeAlone = security('the page has the bridge and nothing of Node or Electron')

const webGuards = 'src/main/electron/web-guards.ts'
const windowOptions = 'src/main/electron/window-options.ts'
const policy = 'src/main/page/content-security-policy.ts'

/** What `guardPage` listens to, as it is written there. */
function navigationListener(event: string): string {
  return `  contents.on('${event}', (event) => {\n    if (!isAppUrl(event.url)) event.preventDefault()\n  })\n`
}

export const shellMutations: readonly ShellMutation[] = [
  ...(
    [
      ['will-frame-navigate', leavesForNowhere],
      ['will-navigate', leavesForNowhere],
      ['will-redirect', guards('a page that is moved elsewhere does not follow')],
    ] as const
  ).map(([event, test]) => ({
    guard: `navigation: ${event}`,
    file: webGuards,
    from: navigationListener(event),
    to: '',
    test,
  })),
  {
    guard: 'windows that a page opens are denied',
    file: webGuards,
    from: "return { action: 'deny' }",
    to: "return { action: 'allow' }",
    test: goesNowhere,
  },
  {
    guard: 'addresses for the browser of the system: known hosts alone',
    file: 'src/main/electron/app-origin.ts',
    from: "protocol === 'https:' && externalHosts.has(host) &&",
    to: "protocol === 'https:' &&",
    test: goesNowhere,
  },
  {
    guard: 'permissions: the handler that answers requests',
    file: webGuards,
    from: 'answer(isAppUrl(contents.getURL()) && allowedPermissions.has(permission))',
    to: 'answer(contents.getURL() !== permission)',
    test: guards('a permission that a page asks for is denied by who answers questions alone'),
  },
  {
    guard: 'permissions: the handler that is looked up',
    file: webGuards,
    from: 'return isAppUrl(origin) && allowedPermissions.has(permission)',
    to: 'return origin !== permission',
    test: guards('a permission that a page looks up is denied by who is looked up alone'),
  },
  {
    guard: 'Content-Security-Policy',
    file: policy,
    from: "  'Content-Security-Policy': contentSecurityPolicy,\n",
    to: '',
    test: runsNoCode,
  },
  {
    guard: 'Trusted Types',
    file: policy,
    from: '  "require-trusted-types-for \'script\'",\n',
    to: '',
    test: runsNoCode,
  },
  {
    guard: 'the check of who sends a message',
    file: 'src/main/electron/sender-gate.ts',
    from: 'if (isTrustedFrame(senderFrame)) listener',
    to: 'if (senderFrame) listener',
    test: guards('a page of elsewhere is given no port, even in a window of the app'),
  },
  ...['contextIsolation', 'sandbox'].map((flag) => ({
    guard: `webPreferences.${flag}`,
    file: windowOptions,
    from: `${flag}: true`,
    to: `${flag}: false`,
    test: hasBridgeAlone,
  })),
  {
    guard: 'the fuse RunAsNode',
    file: 'build/packaging/electron/fuses.ts',
    from: 'runAsNode: false',
    to: 'runAsNode: true',
    test: {
      kind: 'unit',
      file: 'build/packaging/electron/verify-packed-app.test.ts',
      title: 'names every fuse that is not as it should be, alone',
    },
  },
]

/** `text` without the guard. Throws where it is not there, or more than once: then the mutation says nothing. */
export function withoutGuard(text: string, { guard, file, from, to }: ShellMutation): string {
  const parts = text.split(from)
  if (parts.length !== 2) {
    throw new Error(`${guard}: ${file} has ${parts.length - 1} times what is to be replaced`)
  }
  return parts.join(to)
}
