/**
 * The `wardian` program: which commands and flags there are, and how the end of each becomes an exit code. The
 * commands themselves are elsewhere.
 */

import { Argument, Command, CommanderError, Option } from 'commander'
import { WorkbenchError } from '../../contract/error.ts'
import { productVersion } from '../page/product-folder.ts'
import type { CommandContext, DataOption } from './command-context.ts'
import { givenPath, portNumber, withData } from './command-options.ts'
import type { DoctorOptions } from './doctor-command.ts'
import { exitCodes, InterruptedError, OutputClosedError, PassedExitCode, UsageError } from './exit-code.ts'
import type { CreateOptions, DeleteOptions, ListOptions } from './instance-commands.ts'
import type { PgOptions } from './pg-command.ts'
import type { QueryOptions } from './query-command.ts'
import { formatNames } from './format-name.ts'
import { addInsightCommands } from './add-insight-commands.ts'
import { addRemoteCommands } from './add-remote-commands.ts'
import { addLifecycleCommands, gathered, withInstanceOptions } from './add-lifecycle-commands.ts'
import { addMonitorCommands } from './add-monitor-commands.ts'
import { addRunCommands } from './add-run-commands.ts'
import { addCacheCommands } from './add-cache-commands.ts'
import { addSnapshotCommands } from './add-snapshot-commands.ts'
import { addTryCommands } from './add-try-commands.ts'
import { addWebCommands } from './add-web-commands.ts'
import type { ServeCommandOptions } from './serve-command.ts'
import type { CreateFromOptions } from './snapshot-commands.ts'
import { addTransferCommands } from './transfer-commands.ts'

/**
 * Runs one command; `args` are those after the program's name. Answers its exit code, and never throws for what a user
 * can cause.
 */
export async function runCommandLine(context: CommandContext, args: readonly string[]): Promise<number> {
  const output = { text: '' }
  try {
    await program(context, output).parseAsync(args, { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    return exitCodeOf(context, error, output.text)
  }
}

async function exitCodeOf(context: CommandContext, error: unknown, help: string): Promise<number> {
  const { terminal, interrupt } = context
  if (error instanceof PassedExitCode) return error.exitCode
  if (error instanceof OutputClosedError) return exitCodes.ok
  if (error instanceof CommanderError) {
    // Help and the version are what was asked for, so they are data.
    if (error.exitCode === 0) await terminal.write(help)
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
  if (error instanceof InterruptedError) return exitCodes.interrupted
  if (interrupt.aborted) {
    // What was cancelled needs no words; a stop that went wrong does.
    const isWanted = error instanceof WorkbenchError && error.code === 'cancelled'
    if (!isWanted) terminal.note(error instanceof WorkbenchError ? errorText(error) : defectText(error))
    return exitCodes.interrupted
  }
  if (error instanceof UsageError) {
    terminal.note(`error: ${error.message}`)
    return exitCodes.usage
  }
  terminal.note(error instanceof WorkbenchError ? errorText(error) : defectText(error))
  if (terminal.environment['WARDIAN_DEBUG'] !== undefined && error instanceof Error) {
    terminal.note(error.stack ?? '')
  }
  return exitCodes.failed
}

/** SQL errors already start with their severity. */
function errorText(error: WorkbenchError): string {
  return error.sql === null ? `error: ${error.message}` : error.message
}

function defectText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return `error: Wardian failed unexpectedly: ${message} (WARDIAN_DEBUG=1 shows where)`
}

/** The tree of commands; `output` gets help and versions. */
export function program(context: CommandContext, output: { text: string }): Command {
  const root = new Command('wardian')
    .description('A workbench for databases that run in WebAssembly. Without a command it opens the app.')
    .version(productVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void (output.text += text),
      writeErr: (text) => context.terminal.note(text.trimEnd()),
    })
    .showHelpAfterError('Try --help to see what there is.')
  addCommands(root, context)
  root.addHelpText('after', exitCodeHelp)
  return root
}

/** Commands are loaded when they run, so that `--help` is quick and `doctor` runs even where a library does not. */
function addCommands(root: Command, context: CommandContext): void {
  addShellCommands(root, context)
  addWindowCommand(root, context)
  addInstanceCommands(root, context)
  addLifecycleCommands(root, context)
  addRunCommands(root, context)
  addTransferCommands(root, context)
  addRemoteCommands(root, context)
  addSnapshotCommands(root, context)
  addCacheCommands(root, context)
  addTryCommands(root, context)
  addInsightCommands(root, context)
  addMonitorCommands(root, context)
  addWebCommands(root, context)
  withData(root.command('query').description('run a statement or script and print its rows'))
    .argument('<name>', 'name of the instance')
    .addArgument(new Argument('[sql]', "the SQL; '-' reads it from stdin"))
    .option('--file <file>', 'read the SQL from a file')
    .option('--no-cache', 'run every statement, although its result may be kept')
    .addOption(new Option('--format <format>', 'how to print rows').choices(formatNames).default('table'))
    .addHelpText('after', queryHelp)
    .action(async (name: string, sql: string | undefined, options: QueryOptions) => {
      const { runQuery } = await import('./query-command.ts')
      await runQuery(context, { name, sql }, options)
    })
  withData(root.command('pg').description('let other programs connect over the Postgres wire protocol'))
    .addArgument(new Argument('[name]', 'name of the instance'))
    .option('--port <number>', 'listen on exactly this port (default: the one that is kept)', portNumber)
    .option('--socket <directory>', 'make a Unix-domain socket in this directory, too', givenPath)
    .option('--temporary', 'serve a new instance in memory, which ends with this command')
    .option('--fork-per-connection', 'give each connection a copy of the instance, gone when it leaves')
    .option('--tls-cert <file>', 'encrypt with this certificate (PEM, its chain behind it)', givenPath)
    .option('--tls-key <file>', 'the key of that certificate (PEM)', givenPath)
    .option('--tls-client-ca <file>', 'demand certificates that these (PEM) have signed', givenPath)
    .option('--tls-client-log-in', 'let the common name of such a certificate log in, without a password')
    .option('--tls-required', 'refuse connections over TCP that are not encrypted')
    .option('--detach', 'leave it to the host that runs on the data directory')
    .option('--status', 'tell whether the running host listens, and where')
    .option('--stop', 'end it in the running host')
    .option('--json', 'print {"host", "port", "user", "password", "database", "url"} when ready')
    .addHelpText('after', pgHelp)
    .action(async (name: string | undefined, options: PgOptions) => {
      const { runPg } = await import('./pg-command.ts')
      await runPg(context, name, options)
    })
  withData(root.command('doctor').description('check the installation, and say what to do about it'))
    .option('--json', 'print the checks as JSON')
    .action(async (options: DoctorOptions) => {
      const { runDoctor } = await import('./doctor-command.ts')
      await runDoctor(context, options)
    })
}

function addShellCommands(root: Command, context: CommandContext): void {
  addServeOptions(
    root.command('app', { isDefault: true }).description('open the app; without it, the browser'),
  )
    // The default command gets what no other one wants: names of commands that there are not.
    .allowExcessArguments()
    .action(async (options: ServeCommandOptions, command: Command) => {
      refuseUnknownCommand(root, command)
      const { runOpen } = await import('./open-command.ts')
      await runOpen(context, options)
    })
  addServeOptions(root.command('serve').description('serve the workbench to a browser on this machine'))
    .option('--until-unused', 'end when no window, command or other program has used it for two minutes')
    .option('--stop', 'end the one that runs on the data directory')
    .addHelpText('after', serveHelp)
    .action(async (options: ServeCommandOptions & { readonly stop?: true }) => {
      if (options.stop) {
        const { stopServing } = await import('./stop-command.ts')
        return stopServing(context, options)
      }
      const { runServe } = await import('./serve-command.ts')
      await runServe(context, options)
    })
}

function addWindowCommand(root: Command, context: CommandContext): void {
  withData(
    root.command('window').description('open the workbench in a window of the browser; start it if needed'),
  )
    .addHelpText('after', windowHelp)
    .action(async (options: DataOption) => {
      const { runWindow } = await import('./window-command.ts')
      await runWindow(context, options)
    })
}

function addInstanceCommands(root: Command, context: CommandContext): void {
  withInstanceOptions(withData(root.command('create').description('create an instance')))
    .argument('<name>', 'name of the instance')
    .option('--memory', 'keep it in memory; it ends with the running host')
    .option('--sample', 'fill it with the sample web shop')
    .option('--extension <name>', 'make this extension in it; may be repeated', gathered, [])
    .option('--from <name@snapshot>', 'with what this snapshot of another instance has', givenPath)
    .option('--json', 'print the instance as JSON')
    .action(async (name: string, options: CreateOptions & CreateFromOptions) => {
      if (options.from !== undefined) {
        const { createFromSnapshot } = await import('./snapshot-commands.ts')
        await createFromSnapshot(context, name, { ...options, from: options.from })
        return
      }
      const { createInstance } = await import('./instance-commands.ts')
      await createInstance(context, name, options)
    })
  withData(root.command('list').description('list the instances'))
    .option('--json', 'print them as JSON')
    .action(async (options: ListOptions) => {
      const { listInstances } = await import('./instance-commands.ts')
      await listInstances(context, options)
    })
  withData(root.command('delete').description('move an instance to the trash'))
    .argument('<name>', 'name of the instance')
    .option('--json', 'print what was deleted as JSON')
    .action(async (name: string, options: DeleteOptions) => {
      const { deleteInstance } = await import('./instance-commands.ts')
      await deleteInstance(context, name, options)
    })
}

function refuseUnknownCommand(root: Command, command: Command): void {
  const [unknown] = command.args
  if (unknown === undefined) return
  const known = root.commands.map((each) => each.name()).join(', ')
  command.error(`error: unknown command '${unknown}'\nThere are: ${known}.`)
}

function addServeOptions(command: Command): Command {
  return withData(command)
    .option('--port <number>', 'listen on exactly this port (default: 7437, else a free one)', portNumber)
    .option('--no-open', 'do not open the browser')
    .option('--json', 'print {"url", "port", "data"} when ready')
}

const exitCodeHelp = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
Data goes to stdout, narration to stderr.`

const windowHelp = `
Where \`wardian serve\` runs on the data directory, its window is opened; else it is started in the background, and
ends by itself when nobody has used it for two minutes, or with \`wardian serve --stop\`. Chromium, Chrome and Edge
open a window without tabs, other browsers a tab.`

const serveHelp = `
The address that is printed logs a browser in; keep it to yourself. It is another one at each start, unless
WARDIAN_TOKEN has a token of at least 22 characters. Only this machine can connect.`

const pgHelp = `
Where the app or \`wardian serve\` runs on the data directory, its endpoint is started there, and stopped when this
command ends; it is one for all instances, and the database that a program names is the instance. Its port and its
password are kept, so that the address stays good. --port, --socket, --fork-per-connection and --tls-* are for this
time alone; what is set on the Endpoints page is kept.
With --socket, --json has {"socket", "socketUrl"}, too.`

const queryHelp = `
Formats:
  table   for people: long values are shortened, control characters shown as escapes
  csv     RFC 4180 with a header; NULL is an empty field, an empty text is ""
  json    an array of objects; for a script an array of {"rows", "command"}
  ndjson  one object a line
In JSON, integers and float8 are numbers with all their digits, numeric and everything else is text, json stays
json, and a column name that comes again gets _2. Rows and times are counted on stderr. If a statement fails, the
script stops there with exit code 1, and JSON that was begun is left unclosed.`
