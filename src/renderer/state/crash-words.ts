/** What a person is told when an engine has ended by itself. Pure. */

import type { Crash, CrashNote } from '../../contract/supervision.ts'

/** One line for whoever is in the middle of something else. */
export function crashText({ name, next }: CrashNote): string {
  switch (next) {
    case 'restarts':
      return `${name} ended unexpectedly and starts again. What was committed is safe, open transactions are not`
    case 'stays-down':
      return `${name} ended too often and stays down. What was committed is safe; its page says what can be done`
    case 'lost':
      return `${name} ended unexpectedly, and what it had in memory is gone`
  }
}

/** Why, and what Postgres has logged last. */
export function crashDetail({ message, log }: Crash): string {
  return [message, ...(log.length > 0 ? ['', 'Postgres logged last:', ...log] : [])].join('\n')
}
