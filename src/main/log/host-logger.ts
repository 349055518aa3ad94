/**
 * The log of a host: JSON lines in a bounded file, for programs, and what people should know on the shell's terminal,
 * each from a level of its own. Every text passes the redaction of secrets. Knows nothing of what is logged.
 */

import { pino, type Logger } from 'pino'
import { logLevels, type LogLevel, type LogSettings } from '../../contract/monitor.ts'
import { LogFile } from './log-file.ts'
import { withoutSecrets } from './secret-redaction.ts'
import { WireDump } from './wire-dump.ts'

/** Where the shell shows what it is told. */
export interface ShellLog {
  info(message: string): void
  warn(message: string): void
  error(message: string, cause?: unknown): void
}

export interface HostLoggerOptions {
  readonly shell: ShellLog
  /** null: no file. */
  readonly path: string | null
  readonly settings: LogSettings
}

export const defaultLogSettings: LogSettings = { level: 'info', terminalLevel: 'info' }

/** Who a client of the endpoint is, as the log names it. */
export interface DumpedClient {
  readonly user: string
  readonly database: string
  readonly address: string | null
  readonly port: number | null
}

export class HostLogger implements ShellLog {
  readonly #shell: ShellLog
  readonly #file: LogFile | null
  readonly #pino: Logger | null
  #settings: LogSettings

  constructor({ shell, path, settings }: HostLoggerOptions) {
    this.#shell = shell
    this.#settings = settings
    const onFailure = (error: unknown): void => shell.error('The log file cannot be written', error)
    this.#file = path === null ? null : new LogFile({ path, onFailure })
    this.#pino = this.#file ? makePino(this.#file, settings.level) : null
  }

  get settings(): LogSettings {
    return this.#settings
  }

  /** From now on; what clients of the endpoint say, of those that connect from now on. */
  configure(settings: LogSettings): void {
    this.#settings = settings
    if (this.#pino) this.#pino.level = settings.level
  }

  info(message: string): void {
    this.#pino?.info(withoutSecrets(message))
    if (this.#isShown('info')) this.#shell.info(message)
  }

  warn(message: string): void {
    this.#pino?.warn(withoutSecrets(message))
    if (this.#isShown('warn')) this.#shell.warn(message)
  }

  error(message: string, cause?: unknown): void {
    this.#pino?.error(cause === undefined ? {} : { err: described(cause) }, withoutSecrets(message))
    if (this.#isShown('error')) this.#shell.error(message, cause)
  }

  debug(message: string): void {
    this.#pino?.debug(withoutSecrets(message))
    if (this.#isShown('debug')) this.#shell.info(withoutSecrets(message))
  }

  /** Takes what a client says and is told; null while nobody wants to see that. */
  dump(client: DumpedClient): WireDump | null {
    if (!this.#pino?.isLevelEnabled('trace')) return null
    const log = this.#pino.child({ client })
    return new WireDump((message) => log.trace({ wire: message }, `${message.direction} ${message.type}`))
  }

  get path(): string | null {
    return this.#file?.path ?? null
  }

  /** The last lines of the file. */
  async tail(linesMax: number): Promise<string[]> {
    return (await this.#file?.tail(linesMax)) ?? []
  }

  /** Resolves when the file has everything. */
  async flush(): Promise<void> {
    await this.#file?.flush()
  }

  #isShown(level: LogLevel): boolean {
    return logLevels.indexOf(level) <= logLevels.indexOf(this.#settings.terminalLevel)
  }
}

function makePino(file: LogFile, level: LogLevel): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    file,
  )
}

/** An error for the log: texts without secrets, and no fields besides. */
function described(cause: unknown): Readonly<Record<string, string>> {
  if (!(cause instanceof Error)) return { message: withoutSecrets(String(cause)) }
  const code = 'code' in cause && typeof cause.code === 'string' ? { code: cause.code } : {}
  const { name, message, stack = '' } = cause
  return { name, ...code, message: withoutSecrets(message), stack: withoutSecrets(stack) }
}
