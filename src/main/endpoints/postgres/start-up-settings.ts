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

function* switchSettings(options: string): Generator<[string, string]> {
  const words = splitWords(options)
  while (words.length > 0) {
    const word = words.shift() ?? ''
    const isSeparate = word === '-c'
    const text = isSeparate ? words.shift() : /^-[c-]/.test(word) ? word.slice(2) : undefined
    const at = text?.indexOf('=') ?? -1
    if (text === undefined || at < 1) {
      const hint = 'Settings are given as -c name=value or --name=value.'
      throw refusal('42601', `invalid command-line argument for server process: ${word}`, { hint })
    }
    yield [text.slice(0, at).replaceAll('-', '_'), text.slice(at + 1)]
  }
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
