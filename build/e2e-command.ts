/**
 * What `npm run e2e` is asked for: which target, and what Playwright is told. Knows no file system; build/e2e.ts runs
 * it.
 */

/** Has every spec run on the stand-in, instead of the few of each run. */
export const wholeStandInVariable = 'WARDIAN_E2E_WHOLE_STANDIN'

const targets = ['serve', 'standin', 'electron'] as const
export type E2eTarget = (typeof targets)[number]

export interface E2eCommand {
  /** The only one to run; all that this machine has, when it is not said. */
  readonly target: E2eTarget | undefined
  /** For Playwright. */
  readonly args: readonly string[]
}

/** Reads `--target NAME` out of the arguments; the others, such as files, are Playwright's. */
export function readE2eCommand(args: readonly string[]): E2eCommand {
  const at = args.findIndex((arg) => arg === '--target' || arg.startsWith('--target='))
  if (at === -1) return { target: undefined, args }
  const [, inline] = (args[at] ?? '').split('=')
  const name = inline ?? args[at + 1]
  const target = targets.find((known) => known === name)
  if (!target) throw new Error(`--target is one of ${targets.join(', ')}; not ${name ?? 'nothing'}`)
  const others = [...args.slice(0, at), ...args.slice(at + (inline === undefined ? 2 : 1))]
  return { target, args: [`--project=${target}`, ...others] }
}
