/** Goal: the command line is understood as Playwright writes it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseLaunchArguments, readAppManifest } from './launch-arguments.ts'

test('modules, switches, the app and its arguments are told apart', () => {
  const args = ['-r', 'loader.js', '--no-sandbox', '--inspect=0', '--lang=a=b', '.', 'x.sql', '--flag']
  expect(parseLaunchArguments(args)).toEqual({
    modulesFirst: ['loader.js'],
    switches: new Map([
      ['no-sandbox', ''],
      ['inspect', '0'],
      ['lang', 'a=b'],
    ]),
    appPath: '.',
    appArguments: ['x.sql', '--flag'],
  })
})

test('the app is what its package.json says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wardian-standin-app-'))
  writeFileSync(join(folder, 'package.json'), '{"name":"x","version":"1.2.3","main":"out/main.js"}')
  const main = join(folder, 'out/main.js')
  expect(readAppManifest(folder)).toEqual({ folder, main, name: 'x', version: '1.2.3' })
  rmSync(folder, { recursive: true })
})
