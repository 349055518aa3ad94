/** The certificate that an endpoint makes for itself, and how it is kept. */

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock, TestClock } from '../../../base/clock.ts'
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts'
import { selfMadeCertificate } from './self-made-certificate.ts'

const path = temporaryDirectory()
const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777

test('is for loopback names alone, signs nothing, and belongs to its owner', async () => {
  const directory = path('made')
  const made = await selfMadeCertificate(directory, systemClock)
  const certificate = new X509Certificate(made.certificate)
  expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
  expect(certificate.ca).toBe(false)
  expect(certificate.checkPrivateKey(createPrivateKey(made.key))).toBe(true)
  expect(made.path).toBe(join(directory, 'server.crt'))
  expect(await readFile(made.path, 'utf8')).toBe(made.certificate)
  expect(await modeOf(directory)).toBe(0o700)
  expect(await modeOf(made.path)).toBe(0o600)
  expect(await modeOf(join(directory, 'server.key'))).toBe(0o600)
})

test('is kept as long as it is good', async () => {
  const clock = new TestClock()
  const directory = path('kept')
  const first = await selfMadeCertificate(directory, clock)
  clock.advance(9 * 365 * 86_400_000)
  expect(await selfMadeCertificate(directory, clock)).toEqual(first)
  clock.advance(365 * 86_400_000)
  const second = await selfMadeCertificate(directory, clock)
  expect(second.certificate).not.toBe(first.certificate)
  await writeFile(join(directory, 'server.key'), first.key)
  const third = await selfMadeCertificate(directory, clock)
  expect(third.certificate).not.toBe(second.certificate)
  await writeFile(third.path, 'garbage')
  expect((await selfMadeCertificate(directory, clock)).certificate).toMatch(/^-----BEGIN/)
})

test('is told when it cannot be kept', async () => {
  const file = path('file')
  await writeFile(file, '')
  const made = selfMadeCertificate(join(file, 'below'), systemClock)
  await expect(made).rejects.toMatchObject({ code: 'storage-failed' })
})
