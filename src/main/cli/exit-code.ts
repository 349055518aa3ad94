/**
 * How a command ends: the four exit codes, and the error of a user who asked for something that cannot be asked
 * for. Knows no command.
 */

/** design: 0 ok, 1 the work failed, 2 wrong usage, 130 interrupted (128 + SIGINT, as shells have it). */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Wrong usage that only the command itself can see; the message says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The user pressed Ctrl+C, and the work has been ended. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
}

/** Who read our output has had enough (`wardian query … | head`): no failure, but no reason to go on. */
export class OutputClosedError extends Error {
  override readonly name = 'OutputClosedError'
}

/** A program that was run for the user has ended, and its exit code is the command's. */
export class PassedExitCode extends Error {
  override readonly name = 'PassedExitCode'
  /** From 0 to 255. */
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`The program ended with ${exitCode}`)
    this.exitCode = exitCode
  }
}
