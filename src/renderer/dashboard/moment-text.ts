/** A moment as the browser's field for date and time has it, in the time of this place. Pure. */

/** `2026-11-21T14:02:10`. */
export function momentText(atMs: number): string {
  const at = new Date(atMs)
  const pad = (value: number, length = 2): string => String(value).padStart(length, '0')
  const day = `${pad(at.getFullYear(), 4)}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`
  return `${day}T${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`
}

/** null for what is no moment. */
export function fromMomentText(text: string): number | null {
  const atMs = text === '' ? Number.NaN : new Date(text).getTime()
  return Number.isNaN(atMs) ? null : atMs
}
