/** How the commands about servers elsewhere are called. What they do is loaded when one of them runs. */

import { InvalidArgumentError, Option, type Command } from 'commander'
import { serverColours, serverIdleMinutesMax, tlsModes } from '../../contract/remote-server.ts'
import type { CommandContext } from './command-context.ts'
import { givenPath, withData } from './command-options.ts'
import type { ConnectOptions } from './connect-command.ts'

export function addRemoteCommands(root: Command, context: CommandContext): void {
  withData(root.command('connect').description('keep a Postgres server as an instance'))
    .argument('<name>', 'name of the instance')
    .argument('<address>', 'postgres://user@host:5432/database, or host=… dbname=… user=…')
    .option('--password-stdin', 'read the password from stdin')
    .addOption(new Option('--tls <mode>', 'how to encrypt, as sslmode of libpq').choices(tlsModes))
    .option('--ca <file>', 'trust servers whose certificate these (PEM) have signed', givenPath)
    .option('--cert <file>', 'log in with this certificate (PEM)', givenPath)
    .option('--key <file>', 'the key of that certificate (PEM)', givenPath)
    .option('--read-only', 'make transactions read-only unless SQL says otherwise')
    .option('--label <words>', 'mark it, such as with production')
    .addOption(new Option('--colour <colour>', 'mark it with a colour').choices(serverColours))
    .option('--idle-minutes <minutes>', 'close connections that were not used for so long', idleMinutes)
    .option('--no-test', 'keep it without having tried it')
    .option('--json', 'print the instance as JSON')
    .addHelpText('after', connectHelp)
    .action(async (name: string, address: string, options: ConnectOptions) => {
      const { runConnect } = await import('./connect-command.ts')
      await runConnect(context, { name, address }, options)
    })
}

function idleMinutes(text: string): number {
  const minutes = Number(text)
  if (/^\d+$/.test(text) && minutes >= 1 && minutes <= serverIdleMinutesMax) return minutes
  throw new InvalidArgumentError(`It is a whole number from 1 to ${serverIdleMinutesMax}.`)
}

const connectHelp = `
The password comes from --password-stdin, else the address, else PGPASSWORD, else a prompt. It is kept in a file
that only you can read. Afterwards \`wardian query NAME\` and the app work on it as on any instance; \`wardian delete
NAME\` forgets it, and nothing happens to the server.`
