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

const system = (title: string): GuardTest => ({ kind: 'e2e', file: 'e2e/desktop-system.spec.ts', title })
const unit = (file: string, title: string): GuardTest => ({ kind: 'unit', file, title })

const leavesForNowhere = guards('a page leaves for nowhere, whichever of the two guards is there')
const goesNowhere = security('the page goes nowhere, opens no window and embeds nothing')
const runsNoCode = security('the page runs no code from text, talks to nobody, and finds no file beside it')
const hasBridgeAlone = security('the page has the bridge and nothing of Node or Electron')

const webGuards = 'src/main/electron/web-guards.ts'
const windowOptions = 'src/main/electron/window-options.ts'
const electronMain = 'src/main/electron/main.ts'
const policy = 'src/main/page/content-security-policy.ts'

/** What `guardPage` listens to, as it is written there. */
function navigationListener(event: string): string {
  return `  contents.on('${event}', (event) => {\n    if (!isAppUrl(event.url)) event.preventDefault()\n  })\n`
}

/** What no page, and no program, may do. */
const securityMutations: readonly ShellMutation[] = [
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
    test: unit(
      'build/packaging/electron/verify-packed-app.test.ts',
      'names every fuse that is not as it should be, alone',
    ),
  },
  {
    guard: 'the handler of permissions for devices',
    file: webGuards,
    from: '  session.setDevicePermissionHandler(() => false)\n',
    to: '',
    test: unit('src/main/electron/web-guards.test.ts', 'may copy, and nobody else may'),
  },
  {
    guard: 'webviews are prevented',
    file: webGuards,
    from: "  contents.on('will-attach-webview', (event) => event.preventDefault())\n",
    to: '',
    test: unit('src/main/electron/web-guards.test.ts', 'cannot embed a view'),
  },
  {
    guard: 'app.enableSandbox',
    file: electronMain,
    from: 'app.enableSandbox()\n',
    to: '',
    test: guards('every page is sandboxed, also one whose window forgets to say so'),
  },
  {
    guard: 'passwords are sealed with the keyring',
    file: 'src/main/electron/host-process.ts',
    from: "shell: 'electron', clock, log, sealer }",
    to: "shell: 'electron', clock, log }",
    test: system('a password of a server elsewhere lies sealed on the disk'),
  },
]

/** What the app asks of the system, and how it comes back. */
const systemMutations: readonly ShellMutation[] = [
  {
    guard: 'the lock of the single instance',
    file: electronMain,
    from: 'if (app.requestSingleInstanceLock(given)) run()',
    to: 'if (given) run()',
    test: system('a second start hands its file, or its link, to the first, and ends'),
  },
  {
    guard: 'no notification for who looks',
    file: 'src/main/electron/run-news.ts',
    from: 'if (isLookedAt || !notifies',
    to: 'if (!notifies',
    test: system('the end of a long statement is told to who looks elsewhere, and to nobody else'),
  },
  {
    guard: 'the machine may sleep again',
    file: 'src/main/electron/wake-keeper.ts',
    from: '    if (this.#jobCounts.size === 0) return this.dispose()\n',
    to: '',
    test: system('the machine is kept awake while something long runs, and not after it'),
  },
  {
    guard: 'a page that ended is loaded again',
    file: 'src/main/electron/page-recovery.ts',
    from: 'if (this.#reloads.spend()) return this.#page.reload()',
    to: 'if (this.#reloads.spend()) return',
    test: system('a page whose process is killed comes back with what was typed'),
  },
  {
    guard: 'no graphics processor after it has failed',
    file: electronMain,
    from: 'if (!usesGpu(memory.record)) app.disableHardwareAcceleration()\n',
    to: '',
    test: system('after the graphics processor has kept failing, the app starts without it and says so'),
  },
]

export const shellMutations: readonly ShellMutation[] = [...securityMutations, ...systemMutations]

/** `text` without the guard. Throws where it is not there, or more than once: then the mutation says nothing. */
export function withoutGuard(text: string, { guard, file, from, to }: ShellMutation): string {
  const parts = text.split(from)
  if (parts.length !== 2) {
    throw new Error(`${guard}: ${file} has ${parts.length - 1} times what is to be replaced`)
  }
  return parts.join(to)
}
