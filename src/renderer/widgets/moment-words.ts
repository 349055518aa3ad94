/**
 * A moment for people who want to know exactly: in UTC, and how long ago. Knows ISO 8601 as Postgres prints it, and
 * neither cells nor history. Pure.
 */

const secondMs = 1_000

/** Each unit is used up to the next one, as people count. */
const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_556_952 * secondMs],
  ['month', 2_629_746 * secondMs],
  ['week', 604_800 * secondMs],
  ['day', 86_400 * secondMs],
  ['hour', 3_600 * secondMs],
  ['minute', 60 * secondMs],
]

/** `2026-11-21 07:14:02 UTC · 3 minutes ago`. */
export function momentWords(atMs: number, nowMs: number): string {
  const utc = new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')
  return `${utc} UTC · ${relativeWords(atMs, nowMs)}`
}

/** `3 minutes ago`, `yesterday`, `in 2 years`; in the language of the rest of the window. */
export function relativeWords(atMs: number, nowMs: number): string {
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
  const distanceMs = atMs - nowMs
  const unit = units.find(([, unitMs]) => Math.abs(distanceMs) >= unitMs)
  return unit ? format.format(Math.trunc(distanceMs / unit[1]), unit[0]) : 'just now'
}

/**
 * DateStyle ISO (PostgreSQL 18 documentation, section 8.5.2): years of four or more digits, an offset down to
 * seconds, and BC behind it.
 */
const timestamptz =
  /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/

/**
 * The UTC and relative words of a timestamptz as the session printed it. Null for `infinity`, other date styles and
 * what JavaScript's calendar does not reach. The fraction is kept as text: milliseconds would cut it.
 */
export function timestamptzWords(text: string, nowMs: number): string | null {
  const match = timestamptz.exec(text)
  if (!match) return null
  const [, year, month, day, hour, minute, second, fraction = '', sign, hours, minutes = 0, seconds = 0, bc] =
    match
  const local = new Date(0)
  // Year 1 BC is the year 0 of JavaScript's calendar.
  local.setUTCFullYear(bc === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day))
  local.setUTCHours(Number(hour), Number(minute), Number(second))
  const offsetMs = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * secondMs
  const atMs = local.getTime() + (sign === '+' ? -offsetMs : offsetMs)
  if (!Number.isFinite(new Date(atMs).getTime())) return null
  return `${utcText(new Date(atMs), fraction)} · ${relativeWords(atMs, nowMs)}`
}

function utcText(at: Date, fraction: string): string {
  const year = at.getUTCFullYear()
  const shownYear = String(year > 0 ? year : 1 - year).padStart(4, '0')
  // ISO text has the year in front, of four digits or of a sign and six.
  const rest = at
    .toISOString()
    .replace(/^[+-]?\d+/, '')
    .slice(0, 15)
    .replace('T', ' ')
  return `${shownYear}${rest}${fraction} UTC${year > 0 ? '' : ' BC'}`
}
