/**
 * The servers that a test file runs its cases on: native Postgres, which is right by definition, and the one that
 * the environment names, if any. Each file gets a database of its own on each, so that files can run side by side.
 */

import { inject } from 'vitest'
import { askForServer, type ServerKind } from './server-broker.ts'
import { urlOfAddress, type ServerAddress } from './server-address.ts'
import { WireClient, type Transcript } from './wire-client.ts'

/** What a server can do that one backend cannot. */
export interface TargetFeatures {
  /** Two transactions can be open at once; otherwise the second waits for the first to end. */
  readonly isConcurrent: boolean
  /** A server process behind each connection, with its own view of pg_stat_activity's waits. */
  readonly hasProcesses: boolean
}

export interface WireTarget {
  readonly name: string
  /** Of this file's own database, as the superuser. */
  readonly address: ServerAddress
  /** The same for libraries. */
  readonly url: string
  readonly features: TargetFeatures
  close(): Promise<void>
}

const NATIVE: TargetFeatures = { isConcurrent: true, hasProcesses: true }
const ONE_BACKEND: TargetFeatures = { isConcurrent: false, hasProcesses: false }

/** What nobody compares. */
export const NO_TRANSCRIPT: Transcript = {
  add: () => undefined,
  nameOf: String,
  didStart: () => undefined,
}

/** True if a second server is to be compared with native. */
export function hasOtherTarget(): boolean {
  return Boolean(process.env['WARDIAN_WIRE_URL'] ?? process.env['WARDIAN_WIRE_COMMAND'])
}

/**
 * Makes a database on the server of `kind`; close() drops it. With WARDIAN_WIRE_ONE_DATABASE the cases play in the
 * one that the address names, for servers that cannot make any; files must then run one after the other.
 */
export async function openTarget(kind: ServerKind): Promise<WireTarget> {
  const server = await askForServer(kind, inject('wireBrokerPort'))
  const isOwn = kind === 'native' || !process.env['WARDIAN_WIRE_ONE_DATABASE']
  const database = isOwn ? `wire_${process.pid}_${kind}` : server.database
  const address = { ...server, database }
  if (isOwn) await command(server, `create database ${database}`)
  return {
    name: kind,
    address,
    url: urlOfAddress(address),
    features: kind === 'native' || process.env['WARDIAN_WIRE_CONCURRENT'] ? NATIVE : ONE_BACKEND,
    close: async () => {
      if (isOwn) await command(server, `drop database ${database} with (force)`)
    },
  }
}

async function command(server: ServerAddress, sql: string): Promise<void> {
  const admin = await connected(server)
  await admin.values(sql)
  await admin.terminate()
}

/** A client that is logged in and writes no transcript. */
export async function connected(address: ServerAddress, name = 'admin'): Promise<WireClient> {
  const client = await WireClient.open(name, address, NO_TRANSCRIPT)
  const lines = await client.start()
  if (!lines.at(-1)?.startsWith('Z')) throw new Error(`${name} cannot log in: ${lines.join('; ')}`)
  return client
}
