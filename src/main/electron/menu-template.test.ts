/** Goal: a menu takes no key away from the page. Method: every key that the page's sources name, against the menu's. */

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MenuItemConstructorOptions } from 'electron'
import { describe, expect, it } from 'vitest'
import { menuCommandIds } from '../../contract/shell-request.ts'
import { iconMenuTemplate, menuTemplate, type MenuActions } from './menu-template.ts'

const renderer = join(import.meta.dirname, '../../renderer')

/** Keys that Electron's roles take by default, of those that the menu uses. */
const roleKeys: Readonly<Record<string, string>> = {
  quit: 'CmdOrCtrl+Q',
  resetZoom: 'CmdOrCtrl+0',
  zoomIn: 'CmdOrCtrl+Plus',
  zoomOut: 'CmdOrCtrl+-',
  togglefullscreen: 'F11',
  toggleDevTools: 'CmdOrCtrl+Shift+I',
}

function flat(items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])])
}

const done: string[] = []
const actions: MenuActions = {
  newWindow: () => done.push('window'),
  run: (id) => done.push(id),
  openFile: (path) => done.push(path),
  forgetFiles: () => done.push('forget'),
}
const items = (
  platform: NodeJS.Platform = 'linux',
  recentFiles: string[] = [],
): MenuItemConstructorOptions[] => flat(menuTemplate({ platform, recentFiles, actions }))

describe('the menu', () => {
  it('takes no key that a command of the page has', () => {
    const sources = globSync('**/*commands.ts', { cwd: renderer })
    const pageKeys = sources.flatMap((file) =>
      [...readFileSync(join(renderer, file), 'utf8').matchAll(/keys: \[([^\]]*)\]/g)].flatMap(
        ([, list = '']) =>
          [...list.matchAll(/'([^']+)'/g)].map(([, key = '']) => key.replace('Mod', 'CmdOrCtrl')),
      ),
    )
    expect(pageKeys).toContain('CmdOrCtrl+Shift+P')
    const taken = items().flatMap(({ accelerator, registerAccelerator, role }) => {
      const key = accelerator ?? roleKeys[role ?? '']
      return registerAccelerator === false || key === undefined ? [] : [String(key)]
    })
    expect(taken.sort()).toEqual(
      [...Object.values(roleKeys), 'CmdOrCtrl+Shift+N', 'CmdOrCtrl+Shift+W'].sort(),
    )
    expect(taken.filter((key) => pageKeys.includes(key))).toEqual([])
  })

  it('offers every command of the page that it may, each once', () => {
    const ids = items().flatMap(({ id }) => (menuCommandIds.some((known) => known === id) ? [id] : []))
    expect(ids).toHaveLength(menuCommandIds.length)
    expect(new Set(ids)).toEqual(new Set(menuCommandIds))
    done.length = 0
    for (const { id, click } of items()) if (id === 'tab.new') Reflect.apply(click ?? (() => 0), null, [])
    expect(done).toEqual(['tab.new'])
  })

  it('lists files of late, with names that no menu reads as something else', () => {
    const long = `${'deep/'.repeat(30)}orders.sql`
    const labels = items('linux', ['R&D.sql', long]).map(({ label }) => label)
    expect(labels).toContain('R&&D.sql')
    expect(labels.find((label) => label?.startsWith('…'))?.length).toBeLessThanOrEqual(61)
    expect(items().map(({ label }) => label)).toContain('No files yet')
  })

  it('has the menu of the app on macOS, and quits elsewhere', () => {
    expect(items('darwin').map(({ role }) => role)).toContain('appMenu')
    expect(items('darwin').map(({ role }) => role)).not.toContain('quit')
    expect(items('win32').map(({ role }) => role)).toContain('quit')
    const icon = { newWindow: () => done.push('window'), quit: () => done.push('quit') }
    expect(iconMenuTemplate(icon, { hasQuit: false })).toHaveLength(1)
    expect(iconMenuTemplate(icon, { hasQuit: true }).map(({ id }) => id)).toContain('icon-quit')
  })
})
