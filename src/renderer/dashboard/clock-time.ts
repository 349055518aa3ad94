/** The time of a moment in this place, as charts have it: of 24 hours, because it is short and sorts. Pure. */

/** `14:02:10`, or `14:02`. */
export function clockTime(atMs: number, hasSeconds = true): string {
  const at = new Date(atMs)
  const parts = [at.getHours(), at.getMinutes(), ...(hasSeconds ? [at.getSeconds()] : [])]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}
