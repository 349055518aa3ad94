/** How moments, durations, sizes and counts are written, the same everywhere. Pure. */

const minuteMs = 60_000
const dayMs = 86_400_000

/** `12 ms`, `1.24 s`, `3 min 5 s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 10) return `${Math.round(durationMs * 10) / 10} ms`
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`
  if (durationMs < 10_000) return `${(durationMs / 1_000).toFixed(2)} s`
  if (durationMs < minuteMs) return `${(durationMs / 1_000).toFixed(1)} s`
  const minutes = Math.floor(durationMs / minuteMs)
  return `${minutes} min ${Math.round((durationMs % minuteMs) / 1_000)} s`
}

/** The time for today, the date for other days, as people of this place write them. */
export function formatMoment(atMs: number, nowMs: number): string {
  const at = new Date(atMs)
  const isToday = Math.abs(nowMs - atMs) < dayMs && at.getDate() === new Date(nowMs).getDate()
  const time = at.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
  return isToday ? time : `${at.toLocaleDateString(undefined, { dateStyle: 'medium' })} ${time}`
}

/** `1 row`, `2,000 rows`. */
export function formatRows(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}`
}

const mebibyte = 1 << 20

/** `820 KB`, `148 MB`, `1.5 GB` (in steps of 1024). */
export function formatBytes(bytes: number): string {
  if (bytes < mebibyte) return `${Math.ceil(bytes / 1024)} KB`
  if (bytes < 1_000 * mebibyte) return `${Math.round(bytes / mebibyte)} MB`
  return `${(bytes / (1024 * mebibyte)).toFixed(1)} GB`
}
