/** What several commands have in common of their flags: how each is named and checked. Knows no command. */

import { InvalidArgumentError, type Command } from 'commander'

/** Every command that works on a data directory has it. */
export function withData(command: Command): Command {
  return command.option(
    '--data <directory>',
    'where everything lies (default: WARDIAN_DATA, else your data folder)',
    givenPath,
  )
}

/** An empty path would be the current directory, which nobody who writes `--data "$UNSET"` means. */
export function givenPath(text: string): string {
  if (text.trim() !== '') return text
  throw new InvalidArgumentError('The path is empty.')
}

export function portNumber(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port
  throw new InvalidArgumentError('A port is a whole number from 1 to 65535.')
}
