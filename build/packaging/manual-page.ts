/**
 * The manual page wardian(1), in the macros of man(7). Knows how it is written; which commands there are is told to it.
 */
import type { CommandText } from './command-tree.ts'

export interface ManualPageOptions {
  readonly commands: readonly CommandText[]
  readonly version: string
  readonly epochSeconds: number
}

export function manualPage({ commands, version, epochSeconds }: ManualPageOptions): string {
  const [program, ...rest] = commands
  const date = new Date(epochSeconds * 1000).toISOString().slice(0, 10)
  const lines = [
    `.TH WARDIAN 1 ${date} "wardian ${version}" "User Commands"`,
    '.SH NAME',
    'wardian \\- workbench for databases that run in WebAssembly',
    '.SH SYNOPSIS',
    '.B wardian',
    '.RI [ command ]\n.RI [ options ]',
    '.SH DESCRIPTION',
    ...opening.map(escaped),
    '.SH COMMANDS',
    ...rest.flatMap(commandLines),
    '.SH OPTIONS',
    ...(program?.options ?? []).flatMap(optionLines),
    '.SH EXIT STATUS',
    ...['0', 'done', '1', 'failed', '2', 'wrong usage', '130', 'interrupted'].flatMap((text, index) =>
      index % 2 === 0 ? ['.TP', `.B ${text}`] : [text],
    ),
    '.SH ENVIRONMENT',
    ...environment.flatMap(([name, text]) => ['.TP', `.B ${name}`, escaped(text)]),
    '.SH FILES',
    '.TP',
    '.I ~/.local/share/wardian',
    escaped('Everything that was made: instances, history, tabs. Nothing removes it but you.'),
    '',
  ]
  return lines.join('\n')
}

const opening = [
  'A workbench for databases that run in WebAssembly: a real Postgres with a console in the browser, an endpoint for',
  'other programs, snapshots, and the commands below. Without a command it opens the workbench. Every command has',
  '--help, which tells more.',
]

const environment = [
  ['WARDIAN_DATA', 'The data directory, where --data does not name one.'],
  [
    'WARDIAN_TOKEN',
    'The token of the printed address, at least 22 characters; without it a random one each time.',
  ],
  ['WARDIAN_DEBUG', 'Shows causes and places of errors.'],
  ['XDG_DATA_HOME', 'Where the data directory lies if nothing else says so.'],
] as const

function commandLines({ name, usage, description, options }: CommandText): string[] {
  const head = ['.SS', `wardian ${name} ${usage}`].map(escaped)
  return [
    `${head[0]} "${head[1]?.replaceAll('"', '\\(dq')}"`,
    escaped(description),
    ...options.flatMap(optionLines),
  ]
}

function optionLines({ flags, description }: CommandText['options'][number]): string[] {
  return ['.TP', `.B ${escaped(flags)}`, escaped(description)]
}

/** man(7) reads backslashes, hyphens that are to stay, and lines that begin with a dot or a quote. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('“', '\\(lq')
    .replaceAll('”', '\\(rq')
    .replaceAll('…', '\\&...')
    .replace(/^\.(?=\S)(?!SS)/, '\\&.')
    .replace(/^'/, "\\&'")
}
