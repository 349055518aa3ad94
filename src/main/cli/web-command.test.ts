/**
 * Goal: `wardian web` and `wardian token` say what they should to people and to programs, and clean up after
 * themselves. Method: a host with scripted answers; what they do to a real one is tested with the endpoint.
 */

import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { captureTerminal } from '../../../test/support/captured-terminal.ts'
import { exampleInstance } from '../../../test/support/example-instance.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { ScriptedHost } from '../../../test/support/scripted-host.ts'
import { webExamples } from '../../../test/support/web-examples.ts'
import { systemClock } from '../../base/clock.ts'
import type { WebEndpoint, WebToken } from '../../contract/web-endpoint.ts'
import { runCommandLine } from './command-line.ts'

const secret = 'wdn_0123456789abcdef0123456789abcdef0123456789a'
const off: WebEndpoint = { ...webExamples['web.describe'].result, state: 'off', failure: null, url: null }
const listening: WebEndpoint = { ...off, state: 'listening', url: 'http://127.0.0.1:5480', clientCount: 2 }
const [example] = webExamples['web.tokens'].result
const token: WebToken = { ...webExamples['web.createToken'].result.token, instanceIds: [exampleInstance.id] }

interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** What the host was asked, with what. */
  readonly asked: readonly unknown[]
}

/** What serves is interrupted once it does. */
async function run(args: readonly string[], tokens: readonly WebToken[] = []): Promise<Run> {
  const captured = captureTerminal()
  const asked: unknown[] = []
  const interrupt = new AbortController()
  const note = <T>(name: string, answer: T) => {
    return (params: unknown): Promise<T> => {
      asked.push([name, params])
      return Promise.resolve(answer)
    }
  }
  const code = await runCommandLine(
    {
      ...{ terminal: captured.terminal, clock: systemClock, interrupt: interrupt.signal },
      startHost: async (options) =>
        new ScriptedHost(options, {
          'instance.list': async () => [exampleInstance],
          'web.describe': async () => off,
          'web.start': (params) => {
            interrupt.abort('SIGINT')
            return note('start', listening)(params)
          },
          'web.stop': note('stop', off),
          'web.configure': note('configure', off),
          'web.tokens': async () => tokens,
          'web.createToken': note('createToken', { token, secret }),
          'web.revokeToken': note('revokeToken', null),
        }),
    },
    [...args, '--data', join(tmpdir(), `wardian-none-${randomUUID()}`)],
  )
  return { code, stdout: captured.stdout(), stderr: captured.stderr(), asked }
}

describe('wardian web', () => {
  expectNoLeaks()

  it('serves with a token for the instance, and takes both back', async () => {
    const { code, stdout, stderr, asked } = await run(['web', exampleInstance.name, '--json'])
    expect(code).toBe(130)
    expect(JSON.parse(stdout)).toEqual({
      ...{ url: 'http://127.0.0.1:5480', websocket: 'ws://127.0.0.1:5480/v1' },
      ...{ tenant: exampleInstance.name, token: secret },
    })
    expect(asked).toEqual([
      ['start', { port: null }],
      [
        'createToken',
        expect.objectContaining({ instanceIds: [exampleInstance.id], access: 'read-only', role: null }),
      ],
      ['revokeToken', { tokenId: token.id }],
      ['stop', null],
    ])
    expect(stderr).not.toContain(secret)
  })

  it('keeps the pages that are to be let in', async () => {
    const origin = 'http://localhost:5173'
    const { asked } = await run(['web', '--allow-origin', origin, '--allow-origin', 'https://shop.example'])
    expect(asked[0]).toEqual([
      'configure',
      expect.objectContaining({ allowedOrigins: ['https://shop.example', origin] }),
    ])
  })

  it.each([
    [['web', '--stop', '--status'], '--status and --stop stand alone'],
    [['web', 'shop', '--detach'], 'leave --detach or the name out'],
    [['web', '--read-write'], '--read-write is about the token'],
    [['web', '--detach'], 'none runs on this data directory'],
    [['token', 'create', 'x'], 'Say what the token may see'],
    [['token', 'create', 'x', '--instance', 'shop', '--all-instances'], 'Say what the token may see'],
    [['token', 'create', 'x', '--instance', 'none'], 'There is no instance named none'],
    [['token', 'revoke', 'none'], 'There is no such token'],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, stderr, asked } = await run(args)
    expect([1, 2]).toContain(code)
    expect(stderr).toContain(message)
    expect(asked).toEqual([])
  })

  it('tells that nothing listens where no host runs', async () => {
    expect((await run(['web', '--status'])).stdout).toBe('off (no host runs on this data directory)\n')
    expect((await run(['web', '--stop'])).stderr).toContain('No host runs')
  })
})

describe('wardian token', () => {
  expectNoLeaks()

  it('prints the secret alone, so that it can be piped', async () => {
    const args = ['token', 'create', 'the shop', '--instance', exampleInstance.name, '--expires', '90d']
    const { code, stdout, stderr, asked } = await run(args)
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${secret}\n` })
    expect(stderr).not.toContain(secret)
    expect(asked).toEqual([
      ['createToken', expect.objectContaining({ label: 'the shop', access: 'read-only' })],
    ])
  })

  it('lists tokens without secrets, and revokes one by its label or its id', async () => {
    const tokens = example ? [example] : []
    const { stdout } = await run(['token', 'list'], tokens)
    expect(stdout).toContain('the shop  read-only  wardian_reader')
    for (const wanted of ['the shop', 't1']) {
      expect((await run(['token', 'revoke', wanted], tokens)).asked).toEqual([
        ['revokeToken', { tokenId: 't1' }],
      ])
    }
    const twice = example ? [example, { ...example, id: 't2' }] : []
    const { code, asked } = await run(['token', 'revoke', 'the shop'], twice)
    expect({ code, asked }).toEqual({ code: 1, asked: [] })
  })
})
