/** `wardian token`: tokens for the web endpoint, made, listed and revoked. One call to the host each. */

import { WorkbenchError } from '../../contract/error.ts'
import { tokenLabelLengthMax, type WebToken } from '../../contract/web-endpoint.ts'
import { withHost, type CommandContext, type DataOption } from './command-context.ts'
import { UsageError } from './exit-code.ts'
import type { WorkbenchClient } from './host-connection.ts'
import { findInstance } from './instance-commands.ts'
import { visibleText } from './terminal-text.ts'
import { textTable } from './text-table.ts'

export interface TokenCreateOptions extends DataOption {
  readonly instance: readonly string[]
  readonly allInstances?: true
  readonly readWrite?: true
  readonly role?: string
  /** In milliseconds from now. */
  readonly expires?: number
  readonly json?: true
}

export interface TokenListOptions extends DataOption {
  readonly json?: true
}

export async function createToken(
  context: CommandContext,
  label: string,
  options: TokenCreateOptions,
): Promise<void> {
  const { instance: names, allInstances, readWrite, role = null, expires } = options
  if (names.length > 0 === (allInstances === true)) {
    throw new UsageError('Say what the token may see: --instance NAME, or --all-instances')
  }
  if (label === '' || label.length > tokenLabelLengthMax) {
    throw new UsageError(`A label has from 1 to ${tokenLabelLengthMax} characters`)
  }
  await withHost(context, options, async ({ client }) => {
    const found = await Promise.all(names.map((name) => findInstance(client, name)))
    const { token, secret } = await client.call('web.createToken', {
      ...{ label, role, access: readWrite ? 'read-write' : 'read-only' },
      instanceIds: allInstances ? null : found.map(({ id }) => id),
      expiresAtMs: expires === undefined ? null : context.clock.nowMs() + expires,
    })
    const what = `${token.access}, as the role ${visibleText(token.role)}`
    context.terminal.note(`Made the token ${visibleText(label)} (${what}). It is shown this once:`)
    await context.terminal.write(options.json ? `${JSON.stringify({ ...token, secret })}\n` : `${secret}\n`)
  })
}

export async function listTokens(context: CommandContext, options: TokenListOptions): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    const tokens = await client.call('web.tokens', null)
    if (options.json) await context.terminal.write(`${JSON.stringify(tokens)}\n`)
    else if (tokens.length === 0)
      context.terminal.note('There are no tokens. `wardian token create` makes one')
    else await context.terminal.write(await tokenTable(client, tokens))
  })
}

export async function revokeToken(
  context: CommandContext,
  wanted: string,
  options: TokenListOptions,
): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    const tokens = await client.call('web.tokens', null)
    const found = tokens.filter(({ id, label }) => id === wanted || label === wanted)
    const [token, ...others] = found
    if (!token) {
      throw new WorkbenchError('not-found', 'There is no such token; `wardian token list` lists them')
    }
    if (others.length > 0) {
      throw new WorkbenchError('conflict', `${found.length} tokens have this label: take the id of one`)
    }
    await client.call('web.revokeToken', { tokenId: token.id })
    context.terminal.note(`Revoked the token ${visibleText(token.label)}`)
  })
}

async function tokenTable(client: WorkbenchClient, tokens: readonly WebToken[]): Promise<string> {
  const instances = await client.call('instance.list', null)
  const names = new Map(instances.map(({ id, name }) => [id, name]))
  const rows = tokens.map(({ id, label, instanceIds, access, role, lastUsedAtMs, expiresAtMs }) => [
    ...[visibleText(label), access, visibleText(role)],
    visibleText(instanceIds?.map((each) => names.get(each) ?? 'a deleted one').join(', ') ?? 'all'),
    ...[moment(lastUsedAtMs), moment(expiresAtMs), id],
  ])
  return textTable([['LABEL', 'ACCESS', 'ROLE', 'INSTANCES', 'LAST USED', 'EXPIRES', 'ID'], ...rows])
}

function moment(atMs: number | null): string {
  return atMs === null ? 'never' : new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')
}
