/**
 * Where the Unix-domain socket of an endpoint lies: in a directory that only its owner can enter, under the name that
 * libpq looks for. Clears away what a dead program left. Knows no protocol.
 */

import { chmod, lstat, mkdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { WorkbenchError } from '../../../contract/error.ts'

/** sun_path of Linux is 108 bytes with its NUL; of macOS 104. */
const pathBytesMax = 103
const notOwnerMask = 0o077

/**
 * The path of the socket for `port`, free to be listened on. Throws `invalid-argument` when it is too long,
 * `permission-denied` when others can enter the directory, `in-use` when somebody listens there, `unsupported`
 * where there are no such sockets.
 */
export async function prepareSocketPath(directory: string, port: number): Promise<string> {
  if (process.platform === 'win32') {
    throw new WorkbenchError('unsupported', 'There are no Unix-domain sockets on Windows: use TCP')
  }
  const path = join(directory, `.s.PGSQL.${port}`)
  if (Buffer.byteLength(path) > pathBytesMax) {
    const message = `The socket's path ${path} is longer than the system's ${pathBytesMax} bytes: use a shorter one`
    throw new WorkbenchError('invalid-argument', message)
  }
  await demandPrivateDirectory(directory)
  await removeStale(path)
  return path
}

/** Takes the socket's permissions from everybody but its owner. */
export async function protectSocket(path: string): Promise<void> {
  await chmod(path, 0o600)
}

async function demandPrivateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    const message = `The directory ${directory} for the socket could not be made`
    throw new WorkbenchError('permission-denied', message, { cause })
  })
  const { mode, uid } = await lstat(directory)
  const isPrivate = (mode & notOwnerMask) === 0 && uid === process.getuid?.()
  if (isPrivate) return
  const message = `Others may enter the directory ${directory}: make it yours alone (chmod 700), or choose another`
  throw new WorkbenchError('permission-denied', message)
}

async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null)
  if (found === null) return
  if (!found.isSocket()) throw new WorkbenchError('already-exists', `${path} is there, and is not a socket`)
  if (await isListenedOn(path)) {
    throw new WorkbenchError('in-use', `Another program listens on ${path} already: choose another port`)
  }
  await rm(path, { force: true })
}

function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.on('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.on('error', () => resolve(false))
  })
}
