/**
 * Goal: the package for npm works in an empty folder, with nothing that is fetched, resolved or compiled. Method: npm
 * itself, which may not use the network.
 */

import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../support/run-program.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { buildPackage, runAlone } from './built-package.ts'

/** npm unpacks two thousand files, the workbench makes an instance; others use the disk meanwhile. */
const packageTimeoutMs = 600_000

describe('the package for npm', { timeout: packageTimeoutMs }, () => {
  const path = temporaryDirectory()

  it('is installed into an empty folder without a network, and runs there', async () => {
    const folder = path('empty')
    mkdirSync(folder)
    const environment = {
      HOME: path('home'),
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      npm_config_offline: 'true',
      npm_config_prefix: folder,
      WARDIAN_DATA: path('data'),
    }
    const tarball = await buildPackage({ kind: 'npm', output: path('package'), version: '9.8.7' })
    const inFolder = (command: string): Promise<string> =>
      runAlone(['sh', '-c', `cd "$0" && ${command}`, folder], environment).then(({ stdout }) => stdout)
    await inFolder(`npm install --foreground-scripts '${tarball}'`)

    expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'wardian',
    ])
    const installed = join(folder, 'node_modules/wardian')
    expect(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))).not.toHaveProperty('private')
    expect(readdirSync(join(installed, 'node_modules/better-sqlite3'))).not.toContain('build')
    // Fails where something is missing or of another version than somebody wants.
    await inFolder('npm ls --all')

    expect(await inFolder('npx wardian --version')).toBe('9.8.7\n')
    await inFolder('npx wardian create shop --sample')
    expect(await inFolder('npx wardian query shop "select count(*) from orders" --format csv')).toBe(
      'count\r\n40000\r\n',
    )
    // The address is printed when it serves; then it is ended from elsewhere.
    const served = await inFolder(
      '(npx wardian serve --no-open & echo $! > pid) | head -1 && npx wardian serve --stop',
    )
    expect(served).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=/)
    await runProgram(['rm', '-r', folder])
  })
})
