/**
 * `wardian connect`: keeps a Postgres server as an instance, after having tried it. The password is read where it
 * does not show: from the address, stdin, PGPASSWORD or a prompt.
 */

import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { userInfo } from 'node:os'
import { defaultConnection, parseConnectionText } from '../../contract/connection-text.ts'
import { toWireError } from '../../contract/error.ts'
import { instanceNameLengthMax } from '../../contract/limits.ts'
import type { RemoteTrial } from '../../contract/remote-calls.ts'
import type { RemoteConnection, ServerColour, TlsMode } from '../../contract/remote-server.ts'
import { withHost, type CommandContext, type DataOption } from './command-context.ts'
import { InterruptedError, UsageError } from './exit-code.ts'
import type { WorkbenchClient } from './host-connection.ts'
import { visibleText } from './terminal-text.ts'

export interface ConnectOptions extends DataOption {
  readonly passwordStdin?: true
  readonly tls?: TlsMode
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly readOnly?: true
  readonly label?: string
  readonly colour?: ServerColour
  readonly idleMinutes?: number
  /** False for `--no-test`. */
  readonly test: boolean
  readonly json?: true
}

/** Longer is no password but a file by mistake. */
const passwordLengthMax = 4096

export async function runConnect(
  context: CommandContext,
  { name, address }: { readonly name: string; readonly address: string },
  options: ConnectOptions,
): Promise<void> {
  if (name === '' || name.length > instanceNameLengthMax) {
    throw new UsageError(`An instance's name has from 1 to ${instanceNameLengthMax} characters`)
  }
  const { connection, written } = readConnection(context, address, options)
  const given = await readPassword(context, written, options)
  await withHost(context, options, async ({ client }) => {
    const { terminal } = context
    const trial = options.test ? await trySecretly(context, client, { connection, password: given }) : null
    const password = trial?.password ?? given
    const instance = await client.call('remote.create', { name, connection, password })
    terminal.note(
      `${visibleText(instance.name)} is ${trial ? trialWords(trial.found) : whereWords(connection)}`,
    )
    if (options.json) await terminal.write(`${JSON.stringify(instance)}\n`)
  })
}

function readConnection(
  { terminal }: CommandContext,
  address: string,
  options: ConnectOptions,
): { readonly connection: RemoteConnection; readonly written: string | null } {
  const { fields, password, ignored } = readAddress(address)
  for (const name of ignored) terminal.note(`warning: ${visibleText(name)} in the address has no effect here`)
  const user = fields.user ?? terminal.environment['PGUSER'] ?? userInfo().username
  const connection: RemoteConnection = {
    ...{ ...defaultConnection, user, database: user, ...fields },
    ...(options.tls === undefined ? {} : { tlsMode: options.tls }),
    ...(options.ca === undefined ? {} : { caFile: options.ca }),
    ...(options.cert === undefined ? {} : { certificateFile: options.cert }),
    ...(options.key === undefined ? {} : { keyFile: options.key }),
    ...(options.idleMinutes === undefined ? {} : { idleMinutes: options.idleMinutes }),
    ...{
      isReadOnly: options.readOnly ?? false,
      label: options.label ?? '',
      colour: options.colour ?? 'none',
    },
  }
  return { connection, written: password }
}

function readAddress(address: string): ReturnType<typeof parseConnectionText> {
  try {
    return parseConnectionText(address)
  } catch (error) {
    throw new UsageError(toWireError(error).message)
  }
}

async function readPassword(
  { terminal }: CommandContext,
  written: string | null,
  { passwordStdin }: ConnectOptions,
): Promise<string | null> {
  if (!passwordStdin) return written ?? terminal.environment['PGPASSWORD'] ?? null
  let text = ''
  for await (const part of terminal.input as AsyncIterable<Buffer>) {
    text += part.toString('utf8')
    if (text.length > passwordLengthMax) throw new UsageError('What stdin has is too long for a password')
  }
  const password = text.replace(/\r?\n$/, '')
  if (password === '' || password.includes('\n'))
    throw new UsageError('Write the password to stdin as one line')
  return password
}

interface Entered {
  readonly connection: RemoteConnection
  readonly password: string | null
}

/** Tries it, and asks for the password where the server does and somebody is there to answer. */
async function trySecretly(
  context: CommandContext,
  client: WorkbenchClient,
  entered: Entered,
): Promise<{ readonly found: RemoteTrial; readonly password: string | null }> {
  const { terminal } = context
  terminal.note(`Connecting to ${whereWords(entered.connection)}`)
  try {
    return {
      found: await client.call('remote.test', { ...entered, instanceId: null }),
      password: entered.password,
    }
  } catch (error) {
    const mayAsk = entered.password === null && terminal.isInputTerminal
    if (!mayAsk || toWireError(error).code !== 'unauthorized') throw error
    const password = await askPassword(context, entered.connection)
    return trySecretly(context, client, { ...entered, password })
  }
}

/** What is typed is not shown. */
async function askPassword(
  { terminal, interrupt }: CommandContext,
  { user }: RemoteConnection,
): Promise<string> {
  terminal.note(`Password of ${visibleText(user)}:`)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: terminal.input, output: nowhere, terminal: true })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const stop = (): void => reject(new InterruptedError('The password was not entered'))
  lines.on('line', resolve)
  lines.on('SIGINT', stop)
  lines.on('close', stop)
  interrupt.addEventListener('abort', stop)
  try {
    return await promise
  } finally {
    interrupt.removeEventListener('abort', stop)
    lines.close()
  }
}

function whereWords({ user, host, port, database }: RemoteConnection): string {
  const address = host.includes(':') ? `[${host}]` : host
  return visibleText(`${database} at ${address}:${port} as ${user}`)
}

function trialWords({ product, serverVersion, encryption, isVerified, roundTripMs }: RemoteTrial): string {
  const checked = isVerified ? ', certificate checked' : ', certificate not checked'
  const protection = encryption === null ? 'not encrypted' : `${encryption}${checked}`
  const version = serverVersion === null ? product : `${product} ${serverVersion}`
  return `${visibleText(version)}, ${protection}, ${roundTripMs.toFixed(1)} ms away`
}
