/** What is said of the host's log: its levels, and its lines as people read them. Pure. */

import { logLevels, type LogLevel } from '../../contract/monitor.ts'

const meanings: Readonly<Record<LogLevel, string>> = {
  error: 'Errors only',
  warn: 'Errors and warnings',
  info: 'What happens',
  debug: 'More, for looking into something',
  trace: 'All that clients of the endpoint send and get, as hex',
}

export const levelChoices: readonly (readonly [level: LogLevel, words: string])[] = logLevels.map((level) => [
  level,
  meanings[level],
])

export function levelOf(text: string): LogLevel | null {
  return logLevels.find((level) => level === text) ?? null
}

/** The process is the same for all lines. */
const shownApart = new Set(['time', 'level', 'msg', 'pid'])

/** `2026-11-21T10:00:00.000Z warn The disk is nearly full`; a line that is no object stays as it is. */
export function logLineWords(line: string): string {
  try {
    const entry: unknown = JSON.parse(line)
    if (typeof entry !== 'object' || entry === null) return line
    const field = (name: string): string => {
      const value: unknown = Reflect.get(entry, name)
      return typeof value === 'string' ? value : typeof value === 'number' ? momentOf(value) : ''
    }
    const rest = Object.entries(entry).filter(([name]) => !shownApart.has(name))
    const others = rest.length === 0 ? '' : JSON.stringify(Object.fromEntries(rest))
    const parts = [field('time'), field('level'), field('msg'), others]
    return parts.filter((part) => part !== '').join(' ')
  } catch {
    return line
  }
}

function momentOf(value: number): string {
  const at = new Date(value)
  return Number.isNaN(at.getTime()) ? String(value) : at.toISOString()
}
