/**
 * `wardian pg`: lets other programs connect to the instances of a data directory, each by its name as the database.
 * The endpoint is the host's: of the one that runs there, else of one that this command starts for itself.
 */

import { resolve } from 'node:path'
import { startAsKept, type Endpoint, type EndpointConnection } from '../../contract/endpoint.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import { chosenDirectory, withHost, type CommandContext, type DataOption } from './command-context.ts'
import { aborted, watchEndpoint } from './endpoint-watch.ts'
import { InterruptedError, UsageError } from './exit-code.ts'
import { connectToRunning, type HostConnection, type WorkbenchClient } from './host-connection.ts'
import { findInstance } from './instance-commands.ts'
import { visibleText } from './terminal-text.ts'

export interface PgOptions extends DataOption {
  readonly port?: number
  readonly socket?: string
  readonly temporary?: true
  readonly forkPerConnection?: true
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly tlsClientCa?: string
  readonly tlsClientLogIn?: true
  readonly tlsRequired?: true
  readonly detach?: true
  readonly stop?: true
  readonly status?: true
  readonly json?: true
}

const endpointId = 'postgres'
const temporaryName = 'temporary'

export async function runPg(
  context: CommandContext,
  name: string | undefined,
  options: PgOptions,
): Promise<void> {
  checkUsage(name, options)
  if (options.status) return tellStatus(context, options)
  if (options.stop) return stopEndpoint(context, options)
  const serve = (connection: HostConnection): Promise<void> =>
    serveUntilStopped(context, connection, { name, options })
  await withHost(context, { ...options, sharedAs: 'wardian pg' }, serve)
  if (context.interrupt.reason === 'SIGINT') throw new InterruptedError('Stopped')
}

/** Those that say how to start. */
const startingOptions = [
  ...(['port', 'socket', 'temporary', 'detach', 'forkPerConnection'] as const),
  ...(['tlsCert', 'tlsKey', 'tlsClientCa', 'tlsClientLogIn', 'tlsRequired'] as const),
]

function checkUsage(name: string | undefined, options: PgOptions): void {
  const { detach, status, stop, temporary } = options
  if (status || stop) {
    const others = startingOptions.filter((option) => options[option] !== undefined)
    const isAlone = name === undefined && others.length === 0
    if (isAlone && !(status && stop)) return
    throw new UsageError('--status and --stop stand alone: the endpoint is one for all instances')
  }
  if ((name === undefined) === (temporary === undefined)) {
    throw new UsageError('Name an instance, or take --temporary for one that ends with this command')
  }
  if ((options.tlsCert === undefined) !== (options.tlsKey === undefined)) {
    throw new UsageError('--tls-cert and --tls-key belong together')
  }
  if (options.tlsClientLogIn && options.tlsClientCa === undefined) {
    throw new UsageError('--tls-client-log-in needs --tls-client-ca, which says who may sign them')
  }
  if (temporary && detach) throw new UsageError('--temporary ends with this command: leave --detach out')
}

interface Wish {
  readonly name: string | undefined
  readonly options: PgOptions
}

async function serveUntilStopped(
  context: CommandContext,
  connection: HostConnection,
  { name, options }: Wish,
): Promise<void> {
  const { client, isForeign } = connection
  if (options.detach && !isForeign) {
    throw new WorkbenchError(
      'unsupported',
      '--detach leaves the endpoint to a running host, and none runs on this data directory: start the app or ' +
        '`wardian serve` first, or leave --detach out',
    )
  }
  const instance = name === undefined ? await createTemporary(client) : await findInstance(client, name)
  const stopped = watchEndpoint(client, 'endpoint.didChange')
  try {
    const wasOn = (await onlyEndpoint(client)).state === 'listening'
    // A host of our own with an instance of our own has no port that anybody expects.
    const port = options.port ?? (options.temporary && !isForeign ? 0 : null)
    await client.call('endpoint.start', {
      ...{ endpointId, ...startWishes(options), port, roleInstanceId: instance.id },
    })
    stopped.begin()
    try {
      await announce(context, client, { instance, options, wasOn })
      if (options.detach) return
      await Promise.race([stopped.promise, aborted(context.interrupt)])
      if (!context.interrupt.aborted) throw new WorkbenchError('closed', 'The endpoint was stopped elsewhere')
    } finally {
      const isOurs = !wasOn && !options.detach
      if (isOurs && !stopped.isHostGone) await client.call('endpoint.stop', { endpointId })
    }
  } finally {
    stopped.dispose()
    const mustGo = options.temporary && isForeign && !stopped.isHostGone
    if (mustGo) await client.call('instance.delete', { instanceId: instance.id })
  }
}

/** How this start differs from what is kept. */
function startWishes(options: PgOptions): typeof startAsKept {
  const { socket, tlsCert, tlsKey, tlsClientCa } = options
  const hasPair = tlsCert !== undefined && tlsKey !== undefined
  const use = options.tlsClientLogIn ? 'log-in' : 'required'
  return {
    ...startAsKept,
    socketDirectory: socket === undefined ? null : resolve(socket),
    mode: options.forkPerConnection ? 'fork' : null,
    tls: options.tlsRequired ? 'required' : null,
    certificate: hasPair ? { certificatePath: resolve(tlsCert), keyPath: resolve(tlsKey) } : null,
    clientCertificates: tlsClientCa === undefined ? null : { authorityPath: resolve(tlsClientCa), use },
  }
}

async function onlyEndpoint(client: WorkbenchClient): Promise<Endpoint> {
  const found = (await client.call('endpoint.list', null)).find(({ id }) => id === endpointId)
  if (found) return found
  throw new WorkbenchError('unsupported', 'The running host has no such endpoint; restart it')
}

async function createTemporary(client: WorkbenchClient): Promise<Instance> {
  const taken = new Set((await client.call('instance.list', null)).map(({ name }) => name))
  let name = temporaryName
  for (let number = 2; taken.has(name); number++) name = `${temporaryName}-${number}`
  return client.call('instance.create', { name, storage: 'memory', withSample: false })
}

interface Announced {
  readonly instance: Instance
  readonly options: PgOptions
  readonly wasOn: boolean
}

async function announce(
  { terminal }: CommandContext,
  client: WorkbenchClient,
  { instance, options, wasOn }: Announced,
): Promise<void> {
  const connection = await client.call('endpoint.connection', { endpointId, instanceId: instance.id })
  const { host, port, role, password, database, socketPath } = connection
  const url = formOf(connection, 'url')
  const socketUrl = formOf(connection, 'socket')
  if (options.json) {
    const socket = socketPath === null ? {} : { socket: socketPath, socketUrl }
    const ready = { host, port, user: role, password, database, url, ...socket }
    await terminal.write(`${JSON.stringify(ready)}\n`)
  } else {
    await terminal.write(`${[url, socketUrl].filter((text) => text !== null).join('\n')}\n`)
  }
  if (options.detach) terminal.note('The endpoint stays on. `wardian pg --stop` stops it')
  else if (wasOn) terminal.note('The endpoint was on already, and stays on. Ctrl+C ends this command')
  else terminal.note('Ready: connect with the address above. Ctrl+C stops it')
}

function formOf({ forms }: EndpointConnection, wanted: 'url' | 'socket'): string | null {
  return forms.find(({ kind }) => kind === wanted)?.text ?? null
}

async function tellStatus(context: CommandContext, options: PgOptions): Promise<void> {
  const { terminal } = context
  const endpoint = await runningEndpoint(chosenDirectory(context, options))
  if (options.json) {
    const { state = 'off', address = null, port = null, socketPath = null } = endpoint ?? {}
    const { clientCount = 0, failure = null, mode = null } = endpoint ?? {}
    const status = { state, host: address, port, socket: socketPath, clients: clientCount, mode }
    await terminal.write(`${JSON.stringify({ ...status, failure: failure?.message ?? null })}\n`)
    return
  }
  await terminal.write(`${statusText(endpoint)}\n`)
}

/** null where no host runs. */
async function runningEndpoint(dataDirectory: string): Promise<Endpoint | null> {
  const connection = await connectToRunning(dataDirectory)
  if (!connection) return null
  try {
    return await onlyEndpoint(connection.client)
  } finally {
    await connection.close()
  }
}

function statusText(endpoint: Endpoint | null): string {
  if (!endpoint) return 'off (no host runs on this data directory)'
  const { state, address, port, socketPath, clientCount, failure } = endpoint
  if (state === 'failed') return `failed: ${visibleText(failure?.message ?? '')}`
  if (state !== 'listening') return state
  const socket = socketPath === null ? '' : ` and ${visibleText(socketPath)}`
  const clients = clientCount === 1 ? '1 client' : `${clientCount} clients`
  const copies = endpoint.mode === 'fork' ? ', each connection with a copy of its own' : ''
  return `listening on ${address}:${port}${socket}, ${clients}${copies}`
}

async function stopEndpoint(context: CommandContext, options: PgOptions): Promise<void> {
  const connection = await connectToRunning(chosenDirectory(context, options))
  if (!connection) return context.terminal.note('No host runs on this data directory, so nothing listens')
  try {
    const { state } = await onlyEndpoint(connection.client)
    await connection.client.call('endpoint.stop', { endpointId })
    context.terminal.note(state === 'listening' ? 'Stopped the endpoint' : 'The endpoint is off')
  } finally {
    await connection.close()
  }
}
