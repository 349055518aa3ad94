/**
 * `wardian pg`: a Postgres wire endpoint in the foreground, until it is interrupted. Every instance of the data
 * directory can be connected to, by its name as the database.
 */

import { join } from 'node:path'
import { WorkbenchError } from '../../contract/error.ts'
import { workbenchContract } from '../../contract/workbench-contract.ts'
import { createMemoryPorts } from '../../rpc/memory-port.ts'
import { clientPortLimits } from '../../rpc/message-codec.ts'
import { connectContract } from '../../rpc/rpc-client.ts'
import { PostgresEndpoint } from '../endpoints/postgres/postgres-endpoint.ts'
import { generatePassword, makeVerifier } from '../endpoints/postgres/scram-verifier.ts'
import { selfMadeCertificate } from '../endpoints/postgres/self-made-certificate.ts'
import type { WorkbenchHost } from '../host/workbench-host.ts'
import { chosenDirectory, terminalLog, type CommandContext, type DataOption } from './command-context.ts'
import { InterruptedError, UsageError } from './exit-code.ts'

export interface PgOptions extends DataOption {
  readonly port?: number
  readonly temporary?: true
  readonly json?: true
}

/** Who owns every instance: the bootstrap superuser of PGlite. */
const ownerRole = 'postgres'
const temporaryName = 'temporary'

export async function runPg(
  context: CommandContext,
  name: string | undefined,
  options: PgOptions,
): Promise<void> {
  if ((name === undefined) === (options.temporary === undefined)) {
    throw new UsageError('Name an instance, or take --temporary for one that ends with this command')
  }
  const { clock, interrupt, startHost } = context
  const dataDirectory = chosenDirectory(context, options)
  const host = await startHost({ dataDirectory, shell: 'command', clock, log: terminalLog(context) })
  try {
    const database = name ?? (await createTemporary(host))
    if (!host.wireServer(database)) {
      throw new WorkbenchError('not-found', `There is no instance ${database}; see wardian list`)
    }
    const password = generatePassword()
    const endpoint = await listen(context, {
      ...{ host, password, database, port: options.port ?? 0, dataDirectory },
    })
    try {
      await announce(context, { endpoint, password, database, isJson: options.json === true })
      await aborted(interrupt)
    } finally {
      await endpoint.close()
    }
  } finally {
    await host.stop()
  }
  if (interrupt.reason === 'SIGINT') throw new InterruptedError('Stopped')
}

async function createTemporary(host: WorkbenchHost): Promise<string> {
  const [clientPort, hostPort] = createMemoryPorts(clientPortLimits)
  host.attach(hostPort)
  const client = connectContract(workbenchContract, clientPort)
  try {
    const wanted = { name: temporaryName, storage: 'memory', withSample: false } as const
    return (await client.call('instance.create', wanted)).name
  } finally {
    client.dispose()
  }
}

async function listen(
  { clock, terminal }: CommandContext,
  options: {
    readonly host: WorkbenchHost
    readonly password: string
    readonly database: string
    readonly port: number
    readonly dataDirectory: string
  },
): Promise<PostgresEndpoint> {
  const { host, password, port, dataDirectory } = options
  const { certificate, key } = await selfMadeCertificate(join(dataDirectory, 'tls'), clock)
  return PostgresEndpoint.listen({
    tcp: { port },
    socketDirectory: null,
    owner: { role: ownerRole, verifier: await makeVerifier(password) },
    roleBackend: host.wireServer(options.database),
    resolveDatabase: (database) => Promise.resolve(host.wireServer(database)),
    tls: { certificate, key, isRequired: false, clientCertificates: null },
    clock,
    onFailure: (error) => terminal.note(`A client could not be served: ${String(error)}`),
  })
}

async function announce(
  { terminal }: CommandContext,
  options: { endpoint: PostgresEndpoint; password: string; database: string; isJson: boolean },
): Promise<void> {
  const { endpoint, password, database, isJson } = options
  const { port } = endpoint
  const host = endpoint.address ?? ''
  const url = `postgres://${ownerRole}:${password}@${host}:${port}/${encodeURIComponent(database)}`
  const ready = { host, port, user: ownerRole, password, database, url }
  await terminal.write(isJson ? `${JSON.stringify(ready)}\n` : `${url}\n`)
  terminal.note('Ready: connect with the address above. Ctrl+C stops it')
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
