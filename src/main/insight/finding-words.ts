/** Numbers in the sentences of findings. English, for people. */

const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** As pg_size_pretty has it: `64 kB`. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  const shown = unit === 0 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10
  return `${numberText(shown)} ${units[unit] ?? ''}`
}

/** `1 time`, `1,200 times`. */
export function countText(value: number, what: string): string {
  return `${numberText(value)} ${what}${value === 1 ? '' : 's'}`
}

export function numberText(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 })
}

export function sinceText(countedSinceMs: number | null): string {
  if (countedSinceMs === null)
    return 'since the counters began (the database was made, copied, or has crashed)'
  return `since ${new Date(countedSinceMs).toISOString().slice(0, 10)}`
}
