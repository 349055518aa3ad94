/**
 * `wardian web`: lets pages and programs without TCP sockets connect to the instances of a data directory. The endpoint
 * is the host's: of the one that runs there, else of one that this command starts for itself.
 */

import { WorkbenchError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import type { WebEndpoint } from '../../contract/web-endpoint.ts'
import { chosenDirectory, withHost, type CommandContext, type DataOption } from './command-context.ts'
import { aborted, watchEndpoint } from './endpoint-watch.ts'
import { InterruptedError, UsageError } from './exit-code.ts'
import { connectToRunning, type HostConnection, type WorkbenchClient } from './host-connection.ts'
import { findInstance } from './instance-commands.ts'
import { visibleText } from './terminal-text.ts'

export interface WebOptions extends DataOption {
  readonly port?: number
  readonly readWrite?: true
  readonly allowOrigin: readonly string[]
  readonly detach?: true
  readonly status?: true
  readonly stop?: true
  readonly json?: true
}

/** The token of a command that was killed is of no use for longer. */
const tokenLifeMs = 24 * 3_600_000

export async function runWeb(
  context: CommandContext,
  name: string | undefined,
  options: WebOptions,
): Promise<void> {
  checkUsage(name, options)
  if (options.status) return tellStatus(context, options)
  if (options.stop) return stopEndpoint(context, options)
  await withHost(context, { ...options, sharedAs: 'wardian web' }, (connection) =>
    serveUntilStopped(context, connection, { name, options }),
  )
  if (context.interrupt.reason === 'SIGINT') throw new InterruptedError('Stopped')
}

function checkUsage(name: string | undefined, options: WebOptions): void {
  const { allowOrigin, detach, port, readWrite, status, stop } = options
  const isStarting = name !== undefined || port !== undefined || allowOrigin.length > 0 || detach
  if ((status || stop) && (isStarting || (status && stop))) {
    throw new UsageError('--status and --stop stand alone: the endpoint is one for all instances')
  }
  if (readWrite && name === undefined) throw new UsageError('--read-write is about the token for an instance')
  if (detach && name !== undefined) {
    throw new UsageError('The token of an instance ends with this command: leave --detach or the name out')
  }
}

interface Wish {
  readonly name: string | undefined
  readonly options: WebOptions
}

async function serveUntilStopped(
  context: CommandContext,
  { client, isForeign }: HostConnection,
  { name, options }: Wish,
): Promise<void> {
  if (options.detach && !isForeign) {
    const message =
      '--detach leaves the endpoint to a running host, and none runs on this data directory: start the app or ' +
      '`wardian serve` first, or leave --detach out'
    throw new WorkbenchError('unsupported', message)
  }
  const instance = name === undefined ? null : await findInstance(client, name)
  const before = await client.call('web.describe', null)
  await allowOrigins(client, before, options.allowOrigin)
  const wasOn = before.state === 'listening'
  const watch = watchEndpoint(client, 'web.didChange')
  try {
    const endpoint = await client.call('web.start', { port: options.port ?? null })
    watch.begin()
    const token = instance && (await lendToken(context, client, { instance, options }))
    try {
      await announce(context, endpoint, { instance, token, options, wasOn })
      if (options.detach) return
      await Promise.race([watch.promise, aborted(context.interrupt)])
      if (!context.interrupt.aborted) throw new WorkbenchError('closed', 'The endpoint was stopped elsewhere')
    } finally {
      const mustStop = !wasOn && !options.detach
      if (token && !watch.isHostGone) await client.call('web.revokeToken', { tokenId: token.tokenId })
      if (mustStop && !watch.isHostGone) await client.call('web.stop', null)
    }
  } finally {
    watch.dispose()
  }
}

async function allowOrigins(
  client: WorkbenchClient,
  { options }: WebEndpoint,
  origins: readonly string[],
): Promise<void> {
  const allowedOrigins = [...new Set([...options.allowedOrigins, ...origins])]
  if (allowedOrigins.length === options.allowedOrigins.length) return
  await client.call('web.configure', { ...options, allowedOrigins })
}

interface LentToken {
  readonly tokenId: string
  readonly secret: string
}

async function lendToken(
  { clock }: CommandContext,
  client: WorkbenchClient,
  { instance, options }: { readonly instance: Instance; readonly options: WebOptions },
): Promise<LentToken> {
  const { token, secret } = await client.call('web.createToken', {
    label: 'wardian web',
    instanceIds: [instance.id],
    access: options.readWrite ? 'read-write' : 'read-only',
    role: null,
    expiresAtMs: clock.nowMs() + tokenLifeMs,
  })
  return { tokenId: token.id, secret }
}

interface Announced {
  readonly instance: Instance | null
  readonly token: LentToken | null
  readonly options: WebOptions
  readonly wasOn: boolean
}

async function announce(
  { terminal }: CommandContext,
  { url }: WebEndpoint,
  { instance, token, options, wasOn }: Announced,
): Promise<void> {
  const websocket = `${url?.replace(/^http/, 'ws')}/v1`
  if (options.json) {
    const ready = { url, websocket, tenant: instance?.name ?? null, token: token?.secret ?? null }
    await terminal.write(`${JSON.stringify(ready)}\n`)
  } else {
    const secret = token ? [token.secret] : []
    await terminal.write(`${[websocket, ...secret].join('\n')}\n`)
    if (instance)
      terminal.note(`The tenant is ${visibleText(instance.name)}; the token ends with this command`)
    else terminal.note('`wardian token create` makes a token to connect with')
  }
  if (options.detach) terminal.note('The endpoint stays on. `wardian web --stop` stops it')
  else if (wasOn) terminal.note('The endpoint was on already, and stays on. Ctrl+C ends this command')
  else terminal.note('Ready: Ctrl+C stops it')
}

async function tellStatus(context: CommandContext, options: WebOptions): Promise<void> {
  const endpoint = await askRunning(context, options, (client) => client.call('web.describe', null))
  if (options.json) {
    const { state = 'off', url = null, clientCount = 0, failure = null } = endpoint ?? {}
    const status = { state, url, clients: clientCount, failure: failure?.message ?? null }
    await context.terminal.write(`${JSON.stringify(status)}\n`)
    return
  }
  await context.terminal.write(`${statusText(endpoint)}\n`)
}

function statusText(endpoint: WebEndpoint | null): string {
  if (!endpoint) return 'off (no host runs on this data directory)'
  const { state, url, clientCount, failure } = endpoint
  if (state === 'failed') return `failed: ${visibleText(failure?.message ?? '')}`
  if (state !== 'listening') return state
  return `listening at ${url}, ${clientCount === 1 ? '1 client' : `${clientCount} clients`}`
}

async function stopEndpoint(context: CommandContext, options: WebOptions): Promise<void> {
  const before = await askRunning(context, options, async (client) => {
    const endpoint = await client.call('web.describe', null)
    await client.call('web.stop', null)
    return endpoint
  })
  if (!before) context.terminal.note('No host runs on this data directory, so nothing listens')
  else context.terminal.note(before.state === 'listening' ? 'Stopped the endpoint' : 'The endpoint is off')
}

/** null where no host runs. */
async function askRunning<T>(
  context: CommandContext,
  options: WebOptions,
  ask: (client: WorkbenchClient) => Promise<T>,
): Promise<T | null> {
  const connection = await connectToRunning(chosenDirectory(context, options))
  if (!connection) return null
  try {
    return await ask(connection.client)
  } finally {
    await connection.close()
  }
}
