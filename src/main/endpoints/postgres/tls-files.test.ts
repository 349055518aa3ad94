/** What is wrong with files for TLS is said by name, before a client stumbles over it. Real files. */

import { createPrivateKey } from 'node:crypto'
import { chmodSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts'
import { TestAuthority, type CertificateAndKey } from '../../../../test/support/test-certificates.ts'
import { isSelfSigned, readTlsFiles, TlsFileWatch, type TlsFilePaths } from './tls-files.ts'
import { selfMadeCertificate } from './self-made-certificate.ts'

describe('files for TLS', () => {
  const path = temporaryDirectory()
  let authority: TestAuthority
  let good: CertificateAndKey
  const pair = { certificatePath: '', keyPath: '' }

  beforeAll(async () => {
    authority = await TestAuthority.create()
    good = await authority.sign('CN=localhost')
  })

  function put(name: string, text: string, mode = 0o600): string {
    writeFileSync(path(name), text)
    chmodSync(path(name), mode)
    return path(name)
  }

  function read(change: Partial<typeof pair> = {}): ReturnType<typeof readTlsFiles> {
    const certificatePath = put('server.crt', good.certificate, 0o644)
    const certificate = { certificatePath, keyPath: put('server.key', good.key), ...change }
    return readTlsFiles({ certificate, authorityPath: null }, systemClock)
  }

  test('are read as they are, with the authority of clients', async () => {
    expect(await read()).toEqual({ certificate: good, authority: null })
    const other = await TestAuthority.create('Another')
    const both = `${authority.certificate}\n${other.certificate}\n`
    const paths: TlsFilePaths = { certificate: null, authorityPath: put('ca.crt', both) }
    expect(await readTlsFiles(paths, systemClock)).toEqual({ certificate: null, authority: both })
  })

  test('are refused with the reason', async () => {
    const stranger = await authority.sign('CN=localhost')
    const expired = await authority.sign('CN=localhost', 1_000)
    const secret = createPrivateKey(good.key).export({
      ...{ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'geheim' },
    })
    const cases: [Partial<typeof pair>, string][] = [
      [{ certificatePath: path('none.crt') }, 'none.crt does not exist'],
      [{ keyPath: path('none.key') }, 'none.key does not exist'],
      [{ certificatePath: path('.') }, 'cannot be read'],
      [{ certificatePath: put('a.crt', 'hello') }, 'a.crt holds no certificate in PEM format'],
      [{ keyPath: put('a.key', good.certificate) }, 'a.key holds no private key'],
      [{ keyPath: put('b.key', stranger.key) }, 'b.key does not belong to the certificate'],
      [{ certificatePath: put('b.crt', expired.certificate) }, 'b.crt expired on'],
      [{ keyPath: put('c.key', String(secret)) }, 'c.key has a passphrase'],
      [{ certificatePath: put('d.crt', ' '.repeat(2 << 20)) }, 'd.crt is longer than'],
    ]
    for (const [change, message] of cases) {
      await expect(read(change), message).rejects.toMatchObject({
        ...{ code: 'invalid-argument', message: expect.stringContaining(message) },
      })
    }
    await expect(read({ keyPath: put('e.key', good.key, 0o640) })).rejects.toMatchObject({
      ...{ code: 'permission-denied', message: expect.stringContaining('chmod 600') },
    })
    const paths = { certificate: null, authorityPath: put('f.crt', good.key) }
    await expect(readTlsFiles(paths, systemClock)).rejects.toThrow('holds no certificate')
  })

  test('tell once that they have changed, also when one is gone', async () => {
    const keyPath = put('watched.key', good.key)
    const watch = new TlsFileWatch({ certificate: null, authorityPath: keyPath })
    expect([await watch.hasChanged(), await watch.hasChanged()]).toEqual([true, false])
    utimesSync(keyPath, 1, 1)
    expect([await watch.hasChanged(), await watch.hasChanged()]).toEqual([true, false])
    rmSync(keyPath)
    expect([await watch.hasChanged(), await watch.hasChanged()]).toEqual([true, false])
    const none = new TlsFileWatch({ certificate: null, authorityPath: null })
    expect(await none.hasChanged()).toBe(false)
  })

  test('know which certificate is its own authority', async () => {
    const made = await selfMadeCertificate(path('made'), systemClock)
    expect([isSelfSigned(made.certificate), isSelfSigned(good.certificate)]).toEqual([true, false])
  })
})
