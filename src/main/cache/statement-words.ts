/**
 * What a statement's own text says before Postgres has seen it: whether it may be a query, and whether a point in time
 * may be said in it in words. Knows no tree.
 */

const lead = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|\()*(?:select|with|values|table)\b/i
/** Special inputs of dates and times (PostgreSQL 18 documentation, table 8.13) but for those that never move. */
const timeWords = /now|today|tomorrow|yesterday/i
/** Letters by their numbers, and texts that are put together of several. */
const hiddenWords = /\\|u&|'(?:\s|--[^\n]*|\/\*[\s\S]*?\*\/)*'/i

/** Whether it looks like a query; whether it is one, its tree says. */
export function mayBeQuery(text: string): boolean {
  return lead.test(text)
}

/** Whether a constant of it may mean another time tomorrow. */
export function maySayTime(text: string, parameters: readonly (string | null)[]): boolean {
  if (timeWords.test(text) || hiddenWords.test(text)) return true
  return parameters.some((value) => value !== null && timeWords.test(value))
}
