/**
 * The TLS of an endpoint from how it is set: the files that were given, else a certificate of its own, read again
 * when the files change. Loaded with the endpoint alone, since it brings libraries along.
 */

import { isAbsolute, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { EndpointOptions } from '../../contract/endpoint.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import { selfMadeCertificate } from '../endpoints/postgres/self-made-certificate.ts'
import type { TlsOptions } from '../endpoints/postgres/tls-acceptor.ts'
import {
  isSelfSigned,
  readTlsFiles,
  TlsFileWatch,
  type TlsFilePaths,
} from '../endpoints/postgres/tls-files.ts'
import type { HostLog } from './host-options.ts'

/** What of the options is about TLS. */
export type TlsSettings = Pick<EndpointOptions, 'tls' | 'certificate' | 'clientCertificates'>

export interface EndpointTls {
  readonly options: TlsOptions
  /** For clients to trust it by; null where somebody else has signed it. */
  readonly certificatePath: string | null
  /** null while no file has changed, or while they cannot be used, which is logged. Does not reject. */
  renew(): Promise<TlsOptions | null>
}

export interface TlsPlace {
  readonly dataDirectory: string
  readonly clock: Clock
  readonly log: HostLog
}

/** null where it is off. Throws `invalid-argument` and `permission-denied` for files that cannot be used. */
export async function endpointTls(settings: TlsSettings, place: TlsPlace): Promise<EndpointTls | null> {
  checkTlsSettings(settings)
  if (settings.tls === 'off') return null
  const watch = new TlsFileWatch(pathsOf(settings))
  await watch.hasChanged()
  const { certificatePath, ...options } = await read(settings, place)
  const renew = async (): Promise<TlsOptions | null> => {
    if (!(await watch.hasChanged())) return null
    try {
      const { certificatePath: _, ...renewed } = await read(settings, place)
      place.log.info('The files for TLS have changed: new connections use them')
      return renewed
    } catch (error) {
      const { message } = toWireError(error)
      place.log.warn(`The files for TLS have changed, and those from before stay in use: ${message}`)
      return null
    }
  }
  return { options, certificatePath, renew }
}

/** Throws `invalid-argument`. */
function checkTlsSettings({ tls, certificate, clientCertificates }: TlsSettings): void {
  const paths = [certificate?.certificatePath, certificate?.keyPath, clientCertificates?.authorityPath]
  for (const path of paths) {
    if (path === undefined || isAbsolute(path)) continue
    throw new WorkbenchError('invalid-argument', `The file ${path} for TLS must be an absolute path`)
  }
  if (tls !== 'off' || clientCertificates === null) return
  throw new WorkbenchError('invalid-argument', 'Certificates of programs need TLS: offer or require it')
}

/** Whether the files can be used. Throws `invalid-argument`, `permission-denied`. */
export async function checkTlsFiles(settings: TlsSettings, clock: Clock): Promise<void> {
  checkTlsSettings(settings)
  if (settings.tls !== 'off') await readTlsFiles(pathsOf(settings), clock)
}

async function read(
  settings: TlsSettings,
  { dataDirectory, clock }: TlsPlace,
): Promise<TlsOptions & Pick<EndpointTls, 'certificatePath'>> {
  const { tls, clientCertificates } = settings
  const { certificate: given, authority } = await readTlsFiles(pathsOf(settings), clock)
  const made = given ? null : await selfMadeCertificate(join(dataDirectory, 'tls'), clock)
  const { certificate = '', key = '' } = given ?? made ?? {}
  const givenPath = settings.certificate?.certificatePath ?? null
  const isTrusted = given !== null && isSelfSigned(given.certificate)
  const { use } = clientCertificates ?? {}
  return {
    ...{ certificate, key, isRequired: tls === 'required' },
    clientCertificates: authority === null || !use ? null : { authority, use },
    certificatePath: made?.path ?? (isTrusted ? givenPath : null),
  }
}

function pathsOf({ certificate, clientCertificates }: TlsSettings): TlsFilePaths {
  return { certificate, authorityPath: clientCertificates?.authorityPath ?? null }
}
