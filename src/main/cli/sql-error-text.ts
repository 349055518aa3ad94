/**
 * An error of Postgres as text for people: the line it is about with a caret under the place, then every field
 * that has something to say. Names of fields are those of psql with VERBOSITY verbose.
 */

import type { SqlErrorFields } from '../../contract/error.ts'
import { shortened, textWidth, visibleText } from './terminal-text.ts'

/** Columns of the screen on each side of the place that are shown of a long line. */
const contextWidth = 60

/** `source` is the text of the failed statement; `position` in the fields counts its code points from 1. */
export function sqlErrorText(fields: SqlErrorFields, source: string | null): string {
  const lines = [`${fields.severity.toLowerCase()}: ${fields.code} ${fields.message}`]
  if (source !== null && fields.position !== null) lines.push(...placeLines(source, fields.position))
  if (fields.internalQuery !== null && fields.internalPosition !== null) {
    lines.push('in the internal query:', ...placeLines(fields.internalQuery, fields.internalPosition))
  } else if (fields.internalQuery !== null) {
    lines.push(`internal query: ${fields.internalQuery}`)
  }
  const named: [string, string | null][] = [
    ['detail', fields.detail],
    ['hint', fields.hint],
    ['where', fields.where],
    ['schema', fields.schema],
    ['table', fields.table],
    ['column', fields.column],
    ['data type', fields.dataType],
    ['constraint', fields.constraint],
    ['location', location(fields)],
  ]
  for (const [name, value] of named) if (value !== null) lines.push(`${name}: ${value}`)
  return lines.join('\n')
}

function location({ routine, file, line }: SqlErrorFields): string | null {
  if (routine === null && file === null) return null
  const place = file === null ? null : `${file}${line === null ? '' : `:${line}`}`
  return [routine, place].filter((part) => part !== null).join(', ')
}

/** The line that character `position` (from 1, in code points) is on, and a caret under it. */
function placeLines(source: string, position: number): string[] {
  const before = source.slice(0, codeUnitOffset(source, position - 1))
  const lineStart = before.lastIndexOf('\n') + 1
  const lineEnd = source.indexOf('\n', before.length)
  const lineNumber = before.split('\n').length
  const rest = visibleText(source.slice(before.length, lineEnd < 0 ? undefined : lineEnd).trimEnd())
  const ahead = visibleText(before.slice(lineStart))
  const aheadShown = textWidth(ahead) > contextWidth ? `…${lastColumns(ahead, contextWidth)}` : ahead
  const label = `LINE ${lineNumber}: `
  return [
    `${label}${aheadShown}${shortened(rest, contextWidth)}`,
    `${' '.repeat(label.length + textWidth(aheadShown))}^`,
  ]
}

/** Code units of the first `codePoints` code points, without a copy of a text that may have 50 MB. */
function codeUnitOffset(source: string, codePoints: number): number {
  let offset = 0
  for (let seen = 0; seen < codePoints && offset < source.length; seen++) {
    offset += (source.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1
  }
  return offset
}

function lastColumns(text: string, widthMax: number): string {
  const characters = Array.from(text)
  let kept = ''
  while (characters.length > 0) {
    const next = `${characters.pop() ?? ''}${kept}`
    if (textWidth(next) > widthMax) break
    kept = next
  }
  return kept
}
