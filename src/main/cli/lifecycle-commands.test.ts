/** What the commands about the life of instances ask of a host, and print. Method: a host with scripted answers. */

import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { captureTerminal, type CapturedTerminal } from '../../../test/support/captured-terminal.ts'
import { exampleInstance } from '../../../test/support/example-instance.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { ScriptedHost } from '../../../test/support/scripted-host.ts'
import { runCommandLine } from './command-line.ts'

expectNoLeaks()

const shop = { ...exampleInstance, id: 'i1', name: 'shop' }
const deleted = {
  instanceId: 'i9',
  deletedAtMs: 1_000,
  name: 'old',
  keptUntilMs: 2_000,
  sizeBytes: 1 << 20,
  isServer: false,
}

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly asked: unknown[]
}

function run(...args: readonly string[]): Promise<Ran> {
  return runOn(captureTerminal(), ...args)
}

async function runOn(captured: CapturedTerminal, ...args: readonly string[]): Promise<Ran> {
  const asked: unknown[] = []
  const answer = (name: string) => (params: object) => {
    asked.push([name, params])
    return Promise.resolve({ ...shop, ...('name' in params ? { name: String(params.name) } : {}) })
  }
  const startHost = (options: ConstructorParameters<typeof ScriptedHost>[0]): Promise<ScriptedHost> =>
    Promise.resolve(
      new ScriptedHost(options, {
        'instance.list': () => Promise.resolve([shop]),
        'instance.rename': answer('rename'),
        'instance.create': answer('create'),
        'instance.configure': answer('configure'),
        'trash.list': () => Promise.resolve([{ ...deleted, directory: join(tmpdir(), 'old') }]),
        'trash.restore': answer('restore'),
        'trash.remove': (params) => {
          asked.push(['remove', params])
          return Promise.resolve(null)
        },
        async *'instance.export'(params) {
          asked.push(['export', params])
          yield { value: { doneBytes: 1, totalBytes: 2 } }
          return { byteCount: 3 << 20 }
        },
      }),
    )
  const context = { terminal: captured.terminal, clock: systemClock, startHost }
  const data = join(tmpdir(), `wardian-none-${randomUUID()}`)
  const all = [...args, '--data', data]
  const code = await runCommandLine({ ...context, interrupt: new AbortController().signal }, all)
  return { code, stdout: captured.stdout(), stderr: captured.stderr(), asked }
}

describe('the life of an instance', () => {
  it('begins with what was chosen', async () => {
    const chosen = ['--durability', 'relaxed', '--setting', 'work_mem=16MB', '--extension', 'hstore']
    const { code, asked } = await run('create', 'new', ...chosen)
    expect([code, asked]).toEqual([
      0,
      [
        [
          'create',
          {
            ...{ name: 'new', storage: 'directory', withSample: false, extensions: ['hstore'] },
            options: {
              durability: 'relaxed',
              extensions: [],
              settings: [{ name: 'work_mem', value: '16MB' }],
            },
          },
        ],
      ],
    ])
  })

  it('goes on under another name', async () => {
    const { code, stdout, stderr, asked } = await run('rename', 'shop', 'sales', '--json')
    expect([code, stderr, asked]).toEqual([
      0,
      'shop is called sales\n',
      [['rename', { instanceId: 'i1', name: 'sales' }]],
    ])
    expect(JSON.parse(stdout)).toMatchObject({ id: 'i1', name: 'sales' })
  })

  it('is configured by name=value, and by nothing else', async () => {
    const { asked } = await run('configure', 'shop', '--setting', 'work_mem=')
    expect(asked).toEqual([['configure', { instanceId: 'i1', options: shop.options }]])
    const { code, stderr } = await run('configure', 'shop', '--setting', 'work_mem')
    expect([code, stderr]).toEqual([2, expect.stringContaining('A setting is written as work_mem=16MB')])
  })

  it('is carried in a file whose path is made whole', async () => {
    const { code, stdout, asked } = await run('export', 'shop', 'shop.wardian', '--json')
    const file = resolve('shop.wardian')
    expect([code, asked]).toEqual([0, [['export', { instanceId: 'i1', file, mayReplace: false }]]])
    expect(JSON.parse(stdout)).toEqual({ file, bytes: 3 << 20 })
  })

  it('comes back from the trash by its name', async () => {
    const { asked } = await run('restore-deleted', 'old', '--as', 'again')
    const entry = { instanceId: 'i9', deletedAtMs: 1_000 }
    expect(asked).toEqual([['restore', { entry, name: 'again' }]])
    const { code, stderr } = await run('restore-deleted', 'nothing')
    expect([code, stderr]).toEqual([1, expect.stringContaining('There are: old')])
  })

  it('ends for good when the trash is emptied, which somebody has to allow', async () => {
    const refused = await run('trash', '--empty')
    expect([refused.code, refused.asked]).toEqual([2, []])
    expect(refused.stderr).toContain('--yes')
    const { code, asked, stderr } = await run('trash', '--empty', '--yes')
    expect([code, asked]).toEqual([0, [['remove', { instanceId: 'i9', deletedAtMs: 1_000 }]]])
    expect(stderr).toBe('Removed 1 for good, 1.0 MB\n')
  })

  it.each([
    ['y', [['remove', { instanceId: 'i9', deletedAtMs: 1_000 }]]],
    ['', []],
    ['nonsense', []],
  ])('is asked about: %o', async (answer, expected) => {
    const { asked, stderr } = await runOn(captureTerminal({}, `${answer}\n`, true), 'trash', '--empty')
    expect(asked).toEqual(expected)
    expect(stderr).toContain('Remove old for good, with all snapshots? There is no way back. [y/N]')
  })

  it('needs a host that stays to be started or stopped', async () => {
    for (const action of ['start', 'stop']) {
      const { code, stderr } = await run(action, 'shop')
      expect([code, stderr]).toEqual([1, expect.stringContaining('wardian serve')])
    }
  })
})
