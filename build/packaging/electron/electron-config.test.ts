/** What electron-builder is told: every target, both processors, and no feed that nobody has named. */
import { describe, expect, it } from 'vitest'
import { electronConfig, installerTargets } from './electron-config.ts'
import type { ElectronConfigOptions } from './electron-config.ts'
import { feedText, mergedUpdate, stagedUpdate, updateFeed, updateText } from './update-feed.ts'

const options: ElectronConfigOptions = {
  ...{ partsFolder: 'parts', outputFolder: 'out', electronVersion: '1.0.0', electronFolder: null },
  signing: { isSigned: false, isNotarized: false, signProgram: null },
  ...{ feed: undefined, isCompressed: true, stem: 'wardian' },
}

describe('electronConfig', () => {
  it('names no target of its own, so that one run makes the packages of one processor alone', () => {
    const { linux, mac, win } = electronConfig(options)
    for (const part of [linux, mac, win]) expect(part).not.toHaveProperty('target')
    expect(installerTargets).toEqual({ linux: ['dir'], mac: ['dmg', 'zip'], windows: ['nsis', 'portable'] })
  })

  it('calls every installer by the name that it is told, and its system and processor', () => {
    const { mac, nsis, portable } = electronConfig({ ...options, stem: 'stub' })
    expect([mac, nsis, portable].map((each) => each?.artifactName)).toEqual([
      'stub-${version}-mac-${arch}.${ext}',
      'stub-${version}-windows-${arch}-setup.${ext}',
      'stub-${version}-windows-${arch}-portable.${ext}',
    ])
  })

  it('hardens macOS, and takes no certificate that happens to be there', () => {
    const hardened = { hardenedRuntime: true, notarize: false, identity: null }
    expect(electronConfig(options).mac).toMatchObject(hardened)
    const signing = { isSigned: true, isNotarized: true, signProgram: null }
    const { mac } = electronConfig({ ...options, signing })
    expect(mac).toMatchObject({ notarize: true })
    expect(mac).not.toHaveProperty('identity')
  })

  it('has the signing program sign on Windows, and none where there is none', () => {
    expect(electronConfig(options).win).not.toHaveProperty('signtoolOptions')
    const signing = { isSigned: true, isNotarized: false, signProgram: 'sign' }
    expect(electronConfig({ ...options, signing }).win?.signtoolOptions?.sign).toBeTypeOf('function')
  })
})

describe('updateFeed', () => {
  it('is none unless one is named, and refuses what is not safe', () => {
    expect(electronConfig(options).publish).toBeNull()
    expect(updateFeed('github:ada/wardian')).toMatchObject({
      provider: 'github',
      owner: 'ada',
      repo: 'wardian',
    })
    expect(updateFeed('https://example.org/feed')).toMatchObject({ provider: 'generic' })
    for (const text of ['http://example.org', 'github:ada', 'feed'])
      expect(() => updateFeed(text)).toThrow(text)
  })
})

describe('feedText', () => {
  it('is what the app looks for beside its archive, and none without a feed', () => {
    expect(feedText(undefined)).toBeNull()
    expect(feedText('github:ada/wardian')).toBe(
      'provider: "github"\nowner: "ada"\nrepo: "wardian"\nreleaseType: "draft"\n' +
        'updaterCacheDirName: "wardian-updater"\n',
    )
  })
})

describe('updateText', () => {
  it('has all that electron-updater asks of a newer version, and goes through the stages', () => {
    const file = { name: 'a.AppImage', size: 10, sha512: 'x==', blockMapSize: 2 }
    const text = updateText({ version: '1.2.3', file, epochSeconds: 0 })
    expect(text).toBe(
      'version: 1.2.3\nfiles:\n  - url: a.AppImage\n    sha512: x==\n    size: 10\n    blockMapSize: 2\n' +
        "path: a.AppImage\nsha512: x==\nreleaseDate: '1970-01-01T00:00:00.000Z'\n",
    )
    expect(stagedUpdate(text, 20)).toContain('stagingPercentage: 20\n')
  })
})

describe('mergedUpdate', () => {
  const update = (file: string, version = '1.0.0'): string =>
    `version: ${version}\nfiles:\n  - url: ${file}\n    size: 1\npath: ${file}\nsha512: x\n`

  it('has the files of both processors, and refuses two versions', () => {
    expect(mergedUpdate(update('a-x64.zip'), update('a-arm64.zip'))).toBe(
      'version: 1.0.0\nfiles:\n  - url: a-x64.zip\n    size: 1\n  - url: a-arm64.zip\n    size: 1\n' +
        'path: a-x64.zip\nsha512: x\n',
    )
    expect(() => mergedUpdate(update('a'), update('b', '1.0.1'))).toThrow('Two versions')
  })
})

describe('stagedUpdate', () => {
  it('sets the percentage, and replaces an earlier one', () => {
    const once = stagedUpdate('version: 1.0.0\nsize: 1\n', 10)
    expect(once).toBe('version: 1.0.0\nsize: 1\nstagingPercentage: 10\n')
    expect(stagedUpdate(once, 50)).toBe('version: 1.0.0\nsize: 1\nstagingPercentage: 50\n')
    for (const number of [0, 101, 1.5, NaN]) expect(() => stagedUpdate(once, number)).toThrow('percentage')
  })
})
