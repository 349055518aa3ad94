/** Goal: a password is sealed by a real keyring or not at all. Method: both ends joined, with keyrings of all kinds. */

import { describe, expect, it } from 'vitest'
import { isHostProcessMessage, isShellMessage } from './host-messages.ts'
import { ParentSealer } from './parent-sealer.ts'
import { answerSealing, type Keyring } from './secret-sealer.ts'

function keyringOf(backend: string, isAvailable = true): Keyring {
  return {
    isEncryptionAvailable: () => isAvailable,
    getSelectedStorageBackend: () => backend,
    encryptString: (text) => Buffer.from(`sealed ${text}`),
    decryptString: (sealed) => {
      if (!sealed.toString().startsWith('sealed ')) throw new Error('not ours')
      return sealed.toString().slice('sealed '.length)
    },
  }
}

function sealerOf(keyring: Keyring, platform = 'linux'): ParentSealer {
  const sealer = new ParentSealer((message) => {
    expect(isHostProcessMessage(message)).toBe(true)
    const answer = answerSealing(message, { keyring, platform })
    expect(isShellMessage(answer)).toBe(true)
    if (answer) queueMicrotask(() => sealer.take(answer))
  })
  return sealer
}

describe('sealing', () => {
  it('gives back what it was given, and something else in between', async () => {
    const sealer = sealerOf(keyringOf('gnome_libsecret'))
    const [one, other] = await Promise.all([sealer.seal('first'), sealer.seal('second é')])
    expect(one).not.toContain('first')
    expect(await Promise.all([sealer.unseal(other ?? ''), sealer.unseal(one ?? '')])).toEqual([
      'second é',
      'first',
    ])
  })

  it.each([
    ['a key that everybody knows', keyringOf('basic_text')],
    ['a backend that is not known', keyringOf('unknown')],
    ['no keyring', keyringOf('gnome_libsecret', false)],
  ])('does nothing with %s', async (_what, keyring) => {
    expect(await sealerOf(keyring).seal('secret')).toBeNull()
  })

  it('asks for no backend where the system has one keyring', async () => {
    const keyring = { ...keyringOf(''), getSelectedStorageBackend: undefined }
    expect(await sealerOf(keyring as unknown as Keyring, 'darwin').seal('secret')).not.toBeNull()
  })

  it('answers null for what another keyring has sealed', async () => {
    expect(await sealerOf(keyringOf('kwallet6')).unseal('bm9uc2Vuc2U=')).toBeNull()
  })

  it('is not asked by other messages', () => {
    const around = { keyring: keyringOf('kwallet6'), platform: 'linux' }
    expect(answerSealing({ kind: 'ready' }, around)).toBeNull()
    expect(isHostProcessMessage({ kind: 'seal', id: -1, text: '' })).toBe(false)
    expect(isShellMessage({ kind: 'sealing', id: 0, text: 7 })).toBe(false)
    expect(isShellMessage(null)).toBe(false)
  })
})
