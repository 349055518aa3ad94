/**
 * What the program's commands and flags are, read from the command line itself, for the manual page and for shells that
 * complete them. So neither can tell of a flag that is not there.
 */
import type { Command } from 'commander'
import { systemClock } from '../../src/base/clock.ts'
import { program } from '../../src/main/cli/command-line.ts'
import { Terminal } from '../../src/main/cli/terminal.ts'

export interface CommandText {
  /** Empty for the program itself. */
  readonly name: string
  readonly description: string
  /** Such as `[options] <name> [sql]`. */
  readonly usage: string
  readonly options: readonly { readonly flags: string; readonly description: string }[]
}

/** The program itself, then its commands, in the order of its help. */
export function commandTexts(): CommandText[] {
  const { stdin, stdout, stderr } = process
  const context = {
    terminal: new Terminal({ stdin, stdout, stderr, environment: {} }),
    clock: systemClock,
    startHost: () => Promise.reject(new Error('No command is run here')),
    interrupt: new AbortController().signal,
  }
  const root = program(context, { text: '' })
  return [textOf(root, ''), ...root.commands.map((command) => textOf(command, command.name()))]
}

function textOf(command: Command, name: string): CommandText {
  const help = command.createHelp()
  return {
    name,
    description: command.description(),
    usage: command.usage().replace(/ ?\[command\]$/, ''),
    options: help.visibleOptions(command).map((option) => ({
      flags: help.optionTerm(option),
      description: help.optionDescription(option),
    })),
  }
}
