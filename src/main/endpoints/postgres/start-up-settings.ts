/**
 * Turns the parameters of a StartupMessage into what they mean: user, database, and settings, with `options`
 * taken apart as Postgres does (PostgreSQL 18: pg_split_opts in utils/init/postinit.c, process_postgres_switches in
 * tcop/postgres.c). Judges no setting; the backend does.
 */

import { refusal } from './wire-failure.ts'

/** NAMEDATALEN - 1: longer names are cut, as Postgres cuts them. */
const nameBytesMax = 63

export interface StartUpSettings {
  readonly user: string
  readonly database: string
  /** Those of `options` first, so that the packet's own come after and win. */
  readonly settings: ReadonlyMap<string, string>
}

/** Parameters that are not settings. */
const notSettings: ReadonlySet<string> = new Set(['user', 'database', 'options', 'replication'])

/** Throws 28000 without a user, 0A000 for replication, 42601 for switches that cannot be read. */
export function startUpSettings(parameters: ReadonlyMap<string, string>): StartUpSettings {
  const user = parameters.get('user') ?? ''
  if (user === '') throw refusal('28000', 'no PostgreSQL user name specified in startup packet')
  refuseReplication(parameters.get('replication'))
  const settings = new Map(switchSettings(parameters.get('options') ?? ''))
  for (const [name, value] of parameters) {
    if (notSettings.has(name)) continue
    // Taken out first, so that it is applied after what `options` said.
    settings.delete(name)
    settings.set(name, value)
  }
  // An empty name means the same as none, as for Postgres.
  return { user: cut(user), database: cut(parameters.get('database') || user), settings }
}

function refuseReplication(value: string | undefined): void {
  const isOff = value === undefined || /^(f|fa|fal|fals|false|n|no|of|off|0)$/i.test(value)
  if (isOff) return
  throw refusal('0A000', 'replication connections are not supported', {
    hint: 'Leave out the parameter "replication"; use pg_dump to copy a database.',
  })
}

/** Switches without a value, and the setting each one makes. */
const flagSettings: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['e', ['DateStyle', 'euro']],
  ['F', ['fsync', 'false']],
  ['i', ['listen_addresses', '*']],
  ['l', ['ssl', 'true']],
  ['O', ['allow_system_table_mods', 'true']],
  ['P', ['ignore_system_indexes', 'true']],
  ['s', ['log_statement_stats', 'true']],
])

/** Switches whose value follows, and the setting that gets it. */
const valueSettings: ReadonlyMap<string, string> = new Map([
  ['B', 'shared_buffers'],
  ['h', 'listen_addresses'],
  ['k', 'unix_socket_directories'],
  ['N', 'max_connections'],
  ['p', 'port'],
  ['S', 'work_mem'],
  ['W', 'post_auth_delay'],
])

function* switchSettings(options: string): Generator<readonly [string, string]> {
  const words = splitWords(options)
  for (let word = words.shift(); word !== undefined && word !== '--'; word = words.shift()) {
    const letter = word.startsWith('-') ? word.charAt(1) : ''
    const flag = flagSettings.get(letter)
    const name = valueSettings.get(letter)
    if (flag) {
      yield flag
      // Flags may stand together, as in -eF.
      if (word.length > 2) words.unshift(`-${word.slice(2)}`)
    } else if (letter === '-') {
      yield assignment(word.slice(2), `--${word.slice(2)}`)
    } else {
      const value = word.length > 2 ? word.slice(2) : words.shift()
      if (value === undefined || (letter !== 'c' && name === undefined)) throw unreadable(word)
      yield name === undefined ? assignment(value, `-c ${value}`) : [name, value]
    }
  }
  // Nothing may follow the end of the switches.
  const [extra] = words
  if (extra !== undefined) throw unreadable(extra)
}

function assignment(text: string, shown: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 0) throw refusal('42601', `${shown} requires a value`)
  return [text.slice(0, at).replaceAll('-', '_'), text.slice(at + 1)]
}

function unreadable(word: string): Error {
  return refusal('42601', `invalid command-line argument for server process: ${word}`, {
    hint: 'Settings are given as -c name=value or --name=value.',
  })
}

/** Words are parted by white space; a backslash takes the next character as it is. */
function splitWords(options: string): string[] {
  return [...options.matchAll(/(?:\\[^]|[^\s\\]|\\$)+/g)].map(([word]) => word.replaceAll(/\\([^]?)/g, '$1'))
}

/** As many whole characters as fit. */
function cut(name: string): string {
  const bytes = Buffer.from(name)
  if (bytes.length <= nameBytesMax) return name
  return new TextDecoder().decode(bytes.subarray(0, nameBytesMax), { stream: true })
}
