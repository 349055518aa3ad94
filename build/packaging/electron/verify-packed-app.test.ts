/**
 * What is found wrong with a packed app: one defect at a time in lists, and each fuse of a stub flipped in turn.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses'
import { textFile } from '../shipped-file.ts'
import { wrongFuses } from './fuses.ts'
import { makeStubElectron } from './stub-electron.ts'
import { contentFindings, placeFindings, sizeFindings } from './verify-packed-app.ts'
import type { ArchivedFile } from './verify-packed-app.ts'

function packed(path: string, fields: Partial<ArchivedFile> = {}): ArchivedFile {
  return { path, byteCount: 1, isUnpacked: false, ...fields }
}

describe('contentFindings', () => {
  it('are what is missing, what is too much, and what is for developers', () => {
    const files = [textFile('a.js', ''), textFile('b.js', '')]
    expect(contentFindings([packed('a.js'), packed('b.js')], files)).toEqual([])
    expect(contentFindings([packed('a.js'), packed('c.js')], files)).toEqual([
      'b.js is missing',
      'c.js was not to be packed',
    ])
    for (const path of ['a.ts', 'a.js.map', 'x/test/a.js', '.env.local', 'key.pem', '.npmrc']) {
      expect(contentFindings([packed(path)], [textFile(path, '')])).toEqual([`${path} is for developers`])
    }
  })
})

describe('placeFindings', () => {
  const besides = [
    'a/b.node',
    'out/node/x.wasm',
    'out/node/src/main/storage/storage-worker.js',
    'out/template/t/x',
  ]

  it('wants native code, WebAssembly, threads and templates beside the archive', () => {
    for (const path of besides) {
      expect(placeFindings([packed(path)], new Set())).toEqual([`${path} is in the archive`])
      expect(placeFindings([packed(path, { isUnpacked: true })], new Set([path]))).toEqual([])
      expect(placeFindings([packed(path, { isUnpacked: true })], new Set())).toHaveLength(1)
    }
  })

  it('wants everything else in it', () => {
    expect(placeFindings([packed('out/node/a.js')], new Set())).toEqual([])
    expect(
      placeFindings([packed('out/node/a.js', { isUnpacked: true })], new Set(['out/node/a.js'])),
    ).toEqual(['out/node/a.js is beside the archive'])
  })
})

describe('sizeFindings', () => {
  it('bound the app without Electron', () => {
    expect(sizeFindings([packed('a', { byteCount: 60e6 })])).toEqual([])
    expect(sizeFindings([packed('a', { byteCount: 60e6 }), packed('b')])).toEqual([
      '60000001 bytes; 60000000 at most',
    ])
  })
})

describe('wrongFuses', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wardian-fuses-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const wanted = {
    [FuseV1Options.RunAsNode]: false,
    [FuseV1Options.EnableCookieEncryption]: true,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: false,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
    [FuseV1Options.OnlyLoadAppFromAsar]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  }
  const flip = (path: string, fuses: Partial<Record<FuseV1Options, boolean>>): Promise<number> =>
    flipFuses(path, { version: FuseVersion.V1, ...fuses })

  it('names every fuse that is not as it should be, alone', async () => {
    makeStubElectron(folder, '1.0.0')
    const path = join(folder, 'electron')
    await flip(path, wanted)
    expect(await wrongFuses(path)).toEqual([])
    const right = readFileSync(path)
    const named: string[] = []
    for (const [position, isOn] of Object.entries(wanted)) {
      await flip(path, { [Number(position)]: !isOn })
      const wrong = await wrongFuses(path)
      expect(wrong).toHaveLength(1)
      named.push(...wrong)
      writeFileSync(path, right)
    }
    expect(new Set(named).size).toBe(Object.keys(wanted).length)
  })

  it('finds a binary that nobody has touched', async () => {
    makeStubElectron(folder, '1.0.0')
    expect(await wrongFuses(join(folder, 'electron'))).toContain('runAsNode')
  })
})
