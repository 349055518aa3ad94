/** Which installations may replace themselves: every kind that we make, and those of package managers. */

import { describe, expect, it } from 'vitest'
import { updateObstacle, type Installation } from './update-policy.ts'

const windows: Installation = {
  platform: 'win32',
  isPackaged: true,
  hasFeed: true,
  isWished: true,
  environment: {},
  executable: 'C:\\Users\\ada\\AppData\\Local\\Programs\\wardian\\wardian-desktop.exe',
  isFromStore: false,
}
const mac: Installation = {
  ...windows,
  platform: 'darwin',
  executable: '/Applications/Wardian.app/Contents/MacOS/Wardian',
}
const linux: Installation = { ...windows, platform: 'linux', executable: '/usr/lib/wardian/wardian-desktop' }
const appImage = { APPIMAGE: '/opt/Wardian.AppImage' }

describe('updateObstacle', () => {
  it('is none for what an installer put there for one user', () => {
    const able = [windows, mac, { ...linux, environment: appImage }]
    expect(able.map(updateObstacle)).toEqual([null, null, null])
  })

  it('is there for everything that a package manager owns', () => {
    const owned = [
      linux,
      { ...linux, environment: { APPIMAGE: '' } },
      { ...linux, environment: { ...appImage, SNAP: '/snap/wardian/1' } },
      { ...linux, environment: { ...appImage, FLATPAK_ID: 'dev.wardian.desktop' } },
      { ...windows, isFromStore: true },
      { ...mac, isFromStore: true },
    ]
    expect(owned.map(updateObstacle)).not.toContain(null)
  })

  it('is there for copies that cannot be replaced', () => {
    const fixed = [
      { ...windows, environment: { PORTABLE_EXECUTABLE_DIR: 'E:\\' } },
      {
        ...mac,
        executable: '/private/var/folders/x/AppTranslocation/y/d/Wardian.app/Contents/MacOS/Wardian',
      },
      { ...mac, executable: '/Volumes/Wardian/Wardian.app/Contents/MacOS/Wardian' },
      { ...linux, platform: 'freebsd' as const, environment: appImage },
    ]
    expect(fixed.map(updateObstacle)).not.toContain(null)
  })

  it('is there for who does not want it, and without a place to look, on every system', () => {
    for (const able of [windows, mac, { ...linux, environment: appImage }]) {
      const refusals = [
        { ...able, isPackaged: false },
        { ...able, hasFeed: false },
        { ...able, isWished: false },
        { ...able, environment: { ...able.environment, WARDIAN_NO_UPDATES: '1' } },
      ]
      expect(refusals.map(updateObstacle)).not.toContain(null)
    }
  })
})
