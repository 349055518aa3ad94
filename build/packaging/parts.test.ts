/**
 * Goal: nothing is shipped whose licence nobody has looked at, and what is shipped is told. Method: invented packages
 * in a folder, an invented bill.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { repositoryRoot } from '../run-command.ts'
import { licencesText } from './licences-file.ts'
import { runtimePackages } from './runtime-packages.ts'
import { reducedBill } from './sbom.ts'
import { shippedParts } from './shipped-parts.ts'
import { carriedElectron } from './shipped-platform.ts'
import type { ShippedPlatform } from './shipped-platform.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wardian-parts-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const platform: ShippedPlatform = {
  ...{ name: 'node', version: '24.0.0' },
  ...{ title: 'Node.js, which runs the program', licence: 'the words of Node' },
}

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
}

function install(name: string, licence: string, text?: string): void {
  const manifest = { name: name.split('/').at(-1), version: '1.0.0', license: licence, author: 'Ada' }
  write(`node_modules/${name}/package.json`, manifest)
  if (text !== undefined) write(`node_modules/${name}/LICENSE`, text)
}

function installAll(): void {
  install('runs', 'MIT', 'the words of runs')
  install('libpg-query', 'MIT', 'the words of runs')
  install('runs/node_modules/libpg-query', 'MIT', 'the words of runs')
  install('electron-updater', 'MIT')
  install('tool', 'Proprietary')
  install('page', 'ISC', 'the words of page')
  install('assemblyscript', 'MIT')
  write('out/page-packages.json', ['page'])
  const [dev, prod] = [{ version: '1.0.0', dev: true }, { version: '1.0.0' }]
  write('package-lock.json', {
    packages: {
      '': { dependencies: { runs: '1.0.0', 'electron-updater': '1.0.0' } },
      'node_modules/tool': dev,
      'node_modules/page': dev,
      'node_modules/runs': { ...prod, dependencies: { 'libpg-query': '1', gone: '1' } },
      'node_modules/runs/node_modules/libpg-query': prod,
      'node_modules/electron-updater': { ...prod, dependencies: { 'libpg-query': '1' } },
      'node_modules/libpg-query': prod,
      'node_modules/gone': { version: '1.0.0', optional: true },
    },
  })
}

describe('runtimePackages', () => {
  it('are those that run, without tools and without what is optional and not there', () => {
    installAll()
    expect(runtimePackages({ shell: 'headless', root }).map(({ name }) => name)).toEqual([
      'runs',
      'libpg-query',
    ])
  })

  it('are those that the shell reaches, from the nearest folder above who asks', () => {
    installAll()
    const folders = (shell: 'headless' | 'electron'): string[] =>
      runtimePackages({ shell, root }).map(({ folder }) => folder)
    const own = ['node_modules/runs', 'node_modules/runs/node_modules/libpg-query']
    expect(folders('headless')).toEqual(own)
    expect(folders('electron')).toEqual([
      ...['node_modules/electron-updater', 'node_modules/libpg-query'],
      ...own,
    ])
  })

  it('says what to do where one is not installed', () => {
    installAll()
    rmSync(join(root, 'node_modules/runs'), { recursive: true })
    expect(() => runtimePackages({ shell: 'headless', root })).toThrow('npm ci')
  })
})

describe('shippedParts', () => {
  it('are what runs, what the page is made of, and what lies within them', () => {
    installAll()
    const names = shippedParts({ shell: 'headless', root }).map(({ name, licence }) => `${name} ${licence}`)
    expect(names).toEqual([
      "PostgreSQL 18's parser PostgreSQL",
      ...['assemblyscript MIT', 'libpg-query MIT', 'libpg_query BSD-3-Clause', 'page ISC', 'runs MIT'],
    ])
  })

  it('refuses a licence that nobody has looked at', () => {
    installAll()
    install('runs', 'GPL-3.0-only', 'text')
    expect(() => shippedParts({ shell: 'headless', root })).toThrow(
      'runs 1.0.0 has the licence "GPL-3.0-only"',
    )
  })

  it('has the standard words where a part does not bring its own', () => {
    installAll()
    const [part] = shippedParts({ shell: 'headless', root }).filter(({ name }) => name === 'assemblyscript')
    expect(part?.texts.join()).toMatch(/^Copyright \(c\) Ada\n\nPermission is hereby granted/)
  })
})

describe('licencesText', () => {
  it('prints equal words once, below the names of all that have them', () => {
    installAll()
    const text = licencesText(shippedParts({ shell: 'headless', root }), platform)
    expect(text.split('the words of runs')).toHaveLength(2)
    expect(text).toContain('libpg-query 1.0.0 (MIT)\nruns 1.0.0 (MIT)\n=====')
    expect(text).toContain('the words of Node')
  })
})

describe('reducedBill', () => {
  const own = { 'bom-ref': 'wardian@1', name: 'folder', version: '1' }
  const bill = {
    serialNumber: 'urn:uuid:random',
    metadata: { timestamp: 'now', component: own },
    components: [
      { 'bom-ref': 'runs@1.0.0', name: 'runs', version: '1.0.0' },
      { 'bom-ref': 'tool@1.0.0', name: 'tool', version: '1.0.0' },
      { 'bom-ref': '@a/real@1.0.0', name: 'alias', version: '1.0.0' },
    ],
    dependencies: [
      { ref: 'wardian@1', dependsOn: ['runs@1.0.0', 'tool@1.0.0'] },
      { ref: 'tool@1.0.0', dependsOn: ['runs@1.0.0'] },
    ],
  }
  const parts = ['runs', '@a/real'].map((name) => ({ name, version: '1.0.0', licence: 'MIT', texts: [] }))
  const options = { parts, version: '2.0.0', epochSeconds: 0, platform }

  it('has what is shipped and Node, and nothing that changes from run to run', () => {
    expect(reducedBill(bill, options)).toMatchObject({
      metadata: { timestamp: '1970-01-01T00:00:00.000Z', component: { name: 'wardian', version: '2.0.0' } },
      components: [{ name: 'runs' }, { name: 'alias' }, { name: 'node', version: '24.0.0' }],
      dependencies: [{ ref: 'wardian@1', dependsOn: ['runs@1.0.0'] }],
    })
    const components: unknown = Reflect.get(reducedBill(bill, { ...options, platform: null }), 'components')
    expect(components).toHaveLength(2)
    const other = {
      ...bill,
      serialNumber: 'urn:uuid:another',
      metadata: { ...bill.metadata, timestamp: 'later' },
    }
    expect(reducedBill(other, options)).toEqual(reducedBill(bill, options))
    expect(reducedBill(bill, options)).not.toEqual(reducedBill(bill, { ...options, version: '3.0.0' }))
  })
})

describe('carriedElectron', () => {
  it('is the version that is locked, and says where its own licences lie', () => {
    const { name, version, licence } = carriedElectron()
    const locked = readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8')
    expect(locked).toContain(`"electron": "${version}"`)
    expect(name).toBe('electron')
    expect(licence).toContain('LICENSES.chromium.html')
  })
})
