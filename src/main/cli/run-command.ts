/**
 * `wardian run`: runs a program with a database, and ends as the program does. The database is an instance, a copy
 * of one, or a new one; what was made for the program is gone with it.
 */

import type { Loan, LoanWish } from '../../contract/loan-calls.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import { runChild } from './child-program.ts'
import { chosenDirectory, terminalLog, withHost, type CommandContext } from './command-context.ts'
import type { DataOption } from './command-context.ts'
import { connectionEnvironment } from './connection-environment.ts'
import { InterruptedError, PassedExitCode, UsageError } from './exit-code.ts'
import { openConnection, type HostConnection, type WorkbenchClient } from './host-connection.ts'
import { findInstance } from './instance-commands.ts'
import { runSqlFile } from './run-sql-file.ts'
import { withTemporaryData } from './temporary-data.ts'
import { visibleText } from './terminal-text.ts'

export interface RunOptions extends DataOption {
  readonly temporary?: true
  readonly fork?: string
  readonly from: readonly string[]
  readonly forkPerConnection?: true
}

interface Wish {
  readonly use: LoanWish['use']
  /** null with `new`. */
  readonly name: string | null
  readonly command: readonly string[]
}

export async function runProgram(
  context: CommandContext,
  words: readonly string[],
  options: RunOptions,
): Promise<void> {
  const wish = readWish(words, options)
  const run = (connection: HostConnection): Promise<number> => runWith(context, connection, { wish, options })
  const code = await (wish.use === 'new'
    ? withOwnHost(context, options, run)
    : withHost(context, { ...options, sharedAs: 'wardian run' }, run))
  throw new PassedExitCode(code)
}

function readWish(words: readonly string[], { temporary, fork, from }: RunOptions): Wish {
  if (temporary && fork !== undefined) throw new UsageError('--temporary and --fork exclude each other')
  const isMade = temporary !== undefined || fork !== undefined
  const name = isMade ? (fork ?? null) : (words[0] ?? null)
  const command = isMade ? words : words.slice(1)
  if (name === null && !isMade) {
    throw new UsageError('Name an instance, or take --temporary or --fork, then -- and the program to run')
  }
  if (command.length === 0) throw new UsageError('Say what to run, behind --: wardian run shop -- npm test')
  if (from.length > 0 && !isMade) {
    throw new UsageError('--from fills what is gone afterwards: it needs --temporary or --fork')
  }
  return { use: temporary ? 'new' : fork === undefined ? 'instance' : 'copy', name, command }
}

/** Any number of commands may have one, each with its own: none of them ends those of others with it. */
async function withOwnHost<T>(
  context: CommandContext,
  options: RunOptions,
  work: (connection: HostConnection) => Promise<T>,
): Promise<T> {
  const { clock } = context
  const templatesDirectory = `${chosenDirectory(context, options)}/templates`
  return withTemporaryData(clock.nowMs(), async (dataDirectory) => {
    const connection = await openConnection({
      ...{ dataDirectory, clock, log: terminalLog(context) },
      startHost: (host) => context.startHost({ ...host, templatesDirectory }),
    })
    try {
      return await work(connection)
    } finally {
      await connection.close()
    }
  })
}

async function runWith(
  context: CommandContext,
  connection: HostConnection,
  { wish, options }: { readonly wish: Wish; readonly options: RunOptions },
): Promise<number> {
  const { client, isForeign } = connection
  const instance = wish.name === null ? null : await findInstance(client, wish.name)
  const over = new AbortController()
  const interrupt = (): void => over.abort()
  context.interrupt.addEventListener('abort', interrupt)
  const loans = client
    .stream(
      'endpoint.lend',
      {
        ...{ endpointId: 'postgres', use: wish.use, instanceId: instance?.id ?? null },
        // Nobody expects a host of our own at any port.
        ...{ mode: options.forkPerConnection ? 'fork' : null, port: isForeign ? null : 0 },
      },
      { signal: over.signal },
    )
    [Symbol.asyncIterator]()
  try {
    const first = await loans.next()
    if (context.interrupt.aborted) throw new InterruptedError('Interrupted before the program began')
    if (first.done) throw new WorkbenchError('closed', 'The host lends nothing; restart it')
    const { value: loan } = first.value
    for (const file of options.from) await runSqlFile(context, { client, instanceId: loan.instance.id, file })
    watchEnd(context, { client, next: () => loans.next(), over: over.signal })
    return await runChild(context, {
      command: wish.command,
      environment: connectionEnvironment(context.terminal.environment, loan.connection),
    })
  } catch (error) {
    if (context.interrupt.aborted) throw new InterruptedError('Interrupted before the program began')
    throw error
  } finally {
    context.interrupt.removeEventListener('abort', interrupt)
    over.abort()
    await loans.return?.()
  }
}

interface LoanWatch {
  readonly client: WorkbenchClient
  readonly next: () => Promise<IteratorResult<{ readonly value: Loan }>>
  readonly over: AbortSignal
}

/** The program is told by its own connections, its user here. */
function watchEnd({ terminal }: CommandContext, { next, over }: LoanWatch): void {
  next().catch((error: unknown) => {
    if (over.aborted) return
    terminal.note(`warning: the database is out of reach: ${visibleText(toWireError(error).message)}`)
  })
}
