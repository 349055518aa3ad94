/** How the commands about the web endpoint and its tokens are called. What they do is loaded when one of them runs. */

import type { Command } from 'commander'
import type { CommandContext } from './command-context.ts'
import { portNumber, withData } from './command-options.ts'
import { timeSpan } from './time-span.ts'
import type { TokenCreateOptions, TokenListOptions } from './token-commands.ts'
import type { WebOptions } from './web-command.ts'

export function addWebCommands(root: Command, context: CommandContext): void {
  withData(root.command('web').description('let pages, and programs without TCP sockets, connect'))
    .argument('[name]', 'name of the instance; a token for it is made, which ends with this command')
    .option('--port <number>', 'listen on exactly this port (default: the one that is kept)', portNumber)
    .option('--read-write', 'the token may write, too')
    .option(
      '--allow-origin <origin>',
      'let in pages of this origin, which is kept; may be repeated',
      gathered,
      [],
    )
    .option('--detach', 'leave it to the host that runs on the data directory')
    .option('--status', 'tell whether the running host listens, and where')
    .option('--stop', 'end it in the running host')
    .option('--json', 'print {"url", "websocket", "tenant", "token"} when ready')
    .addHelpText('after', webHelp)
    .action(async (name: string | undefined, options: WebOptions) => {
      const { runWeb } = await import('./web-command.ts')
      await runWeb(context, name, options)
    })
  addTokenCommands(
    root.command('token').description('make, list and revoke tokens for the web endpoint'),
    context,
  )
}

function addTokenCommands(token: Command, context: CommandContext): void {
  withData(token.command('create').description('make a token, and print it this once'))
    .argument('<label>', 'what it is for')
    .option('--instance <name>', 'it may see this instance; may be repeated', gathered, [])
    .option('--all-instances', 'it may see all, also those that come later')
    .option('--read-write', 'it may write, too')
    .option('--role <role>', 'its sessions are this role, instead of one made for it')
    .option('--expires <time>', 'it is worth nothing after so long, such as 90d', timeSpan)
    .option('--json', 'print it with what it may do, as JSON')
    .addHelpText('after', tokenHelp)
    .action(async (label: string, options: TokenCreateOptions) => {
      const { createToken } = await import('./token-commands.ts')
      await createToken(context, label, options)
    })
  withData(token.command('list').description('list the tokens, without their secrets'))
    .option('--json', 'print them as JSON')
    .action(async (options: TokenListOptions) => {
      const { listTokens } = await import('./token-commands.ts')
      await listTokens(context, options)
    })
  withData(token.command('revoke').description('take a token back: whoever it has let in is told to go'))
    .argument('<token>', 'its label, or its id')
    .action(async (wanted: string, options: TokenListOptions) => {
      const { revokeToken } = await import('./token-commands.ts')
      await revokeToken(context, wanted, options)
    })
}

function gathered(text: string, before: readonly string[]): readonly string[] {
  return [...before, text]
}

const webHelp = `
Where the app or \`wardian serve\` runs on the data directory, its endpoint is started there, and stopped when this
command ends. Only this machine can connect. Without a name no token is made: \`wardian token create\` makes one that
stays. How it is set besides, with TLS and other machines, is on the Endpoints page.

  wardian web shop --allow-origin http://localhost:5173
  wardian web --detach`

const tokenHelp = `
It may read unless --read-write is given. Its sessions are the role wardian_reader or wardian_writer, which is made in
an instance when the token first comes there, and is no superuser; --role postgres is the owner of everything.

  wardian token create 'the shop' --instance shop --expires 90d`
