/** Names of the forms in which rows are printed. The forms themselves are in result-format.ts. */

export const formatNames = ['table', 'csv', 'json', 'ndjson'] as const
export type FormatName = (typeof formatNames)[number]
