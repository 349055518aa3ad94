/** What `wardian delete` prints for people and for programs. Method: a host with scripted answers. */

import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import type { Instance } from '../../contract/instance.ts'
import { captureTerminal } from '../../../test/support/captured-terminal.ts'
import { exampleInstance } from '../../../test/support/example-instance.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { ScriptedHost } from '../../../test/support/scripted-host.ts'
import { runCommandLine } from './command-line.ts'

expectNoLeaks()

const shop: Instance = exampleInstance

async function run(
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string; deleted: string[] }> {
  const captured = captureTerminal()
  const deleted: string[] = []
  const directory = join(tmpdir(), `wardian-none-${randomUUID()}`)
  const code = await runCommandLine(
    {
      terminal: captured.terminal,
      clock: systemClock,
      startHost: (options) =>
        Promise.resolve(
          new ScriptedHost(options, {
            'instance.list': () =>
              Promise.resolve([shop, { ...shop, id: 'i2', name: 'scratch', storage: 'memory' }]),
            'instance.delete': ({ instanceId }) => {
              deleted.push(instanceId)
              return Promise.resolve(null)
            },
          }),
        ),
      interrupt: new AbortController().signal,
    },
    [...args, '--data', directory],
  )
  return { code, stdout: captured.stdout(), stderr: captured.stderr(), deleted }
}

describe('delete', () => {
  it('tells people on stderr and leaves stdout empty', async () => {
    expect(await run(['delete', 'shop'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Deleted shop; its directory is in the trash\n',
      deleted: ['i1'],
    })
  })

  it.each([
    ['shop', { id: 'i1', name: 'shop', storage: 'directory', isInTrash: true }],
    ['scratch', { id: 'i2', name: 'scratch', storage: 'memory', isInTrash: false }],
  ])('with --json prints one document that says what of %s is left', async (name, document) => {
    const { code, stdout, deleted } = await run(['delete', name, '--json'])
    expect(code).toBe(0)
    expect(stdout.split('\n')).toHaveLength(2)
    expect(JSON.parse(stdout)).toEqual(document)
    expect(deleted).toEqual([document.id])
  })

  it('with --json of an instance that is not there prints no document', async () => {
    const { code, stdout, stderr, deleted } = await run(['delete', 'sales', '--json'])
    expect({ code, stdout, deleted }).toEqual({ code: 1, stdout: '', deleted: [] })
    expect(stderr).toContain('There are: shop, scratch')
  })
})
