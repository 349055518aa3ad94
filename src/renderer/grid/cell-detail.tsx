/**
 * The whole value of one cell beside the grid: wrapped, JSON laid out over lines, with its length. Follows the
 * keyboard's cell while it is open. Shows at most a bounded part; copying takes all of it.
 */

import { useMemo, type ReactElement } from 'react'
import { Button } from 'react-aria-components'
import { columnKinds, textBytes } from '../../contract/column-batch.ts'
import { displayCell } from '../../contract/cell-text.ts'
import { cellHint } from './cell-hint.ts'
import { cellSlot, type GridSource } from './grid-source.ts'
import { indentJson } from './json-indent.ts'
import type { CellPosition } from './selection.ts'
import styles from './cell-detail.module.css'

interface CellDetailProps {
  readonly source: GridSource
  readonly position: CellPosition
  readonly onCopy: () => void
  readonly onClose: () => void
}

/** Characters shown: layout of wrapped text takes about 1 ms for each 10,000. */
const shownCharactersMax = 100_000
/** JSON longer than this is shown as it is. */
const indentedCharactersMax = 1_000_000

/** pg_type.dat of PostgreSQL 18: json, jsonb; bytea. */
const jsonOids = new Set([114, 3802])
const byteaOid = 17

interface Detail {
  readonly tone: 'value' | 'null' | 'empty'
  readonly text: string
  readonly facts: string
  readonly isCut: boolean
}

/** The panel; the grid keeps the focus. */
export function CellDetail({ source, position, onCopy, onClose }: CellDetailProps): ReactElement | null {
  const { row, column } = position
  const detail = useMemo(() => readDetail(source, { row, column }), [source, row, column])
  const description = source.columns[column]
  if (!detail || !description) return null
  const hint = cellHint(source, position)
  return (
    <aside className={styles['detail']} aria-label={`Value of ${description.name}`}>
      <header className={styles['header']}>
        <strong className={styles['name']}>{description.name}</strong>
        <Button className={styles['button'] ?? ''} onPress={onCopy}>
          Copy
        </Button>
        <Button className={styles['button'] ?? ''} onPress={onClose}>
          Close <kbd>Esc</kbd>
        </Button>
      </header>
      <p className={styles['facts']}>
        {description.typeName} · row {(row + 1).toLocaleString('en')} · {detail.facts}
        {hint === null ? null : (
          <>
            <br />
            {hint}
          </>
        )}
      </p>
      <pre className={styles['value']} data-tone={detail.tone} tabIndex={0}>
        {detail.text}
      </pre>
      {detail.isCut ? (
        <p className={styles['cut']}>
          Only the first {shownCharactersMax.toLocaleString('en')} characters are shown; Copy takes all.
        </p>
      ) : null}
    </aside>
  )
}

function readDetail(source: GridSource, { row, column }: CellPosition): Detail | null {
  const slot = cellSlot(source, row, column)
  const description = source.columns[column]
  if (!slot || !description) return null
  const text = displayCell(slot.column, slot.row)
  if (text === null) return { tone: 'null', text: 'NULL', facts: 'no value', isCut: false }
  if (text === '') return { tone: 'empty', text: "''", facts: 'empty text', isCut: false }
  const isJson = jsonOids.has(description.typeOid) && text.length <= indentedCharactersMax
  const whole = isJson ? indentJson(text) : text
  const bytes = slot.column.kind === columnKinds.text ? textBytes(slot.column, slot.row).byteLength : 0
  return {
    tone: 'value',
    text: whole.slice(0, shownCharactersMax),
    facts: factsOf({ text, bytes, isBytea: description.typeOid === byteaOid }),
    isCut: whole.length > shownCharactersMax,
  }
}

function factsOf({ text, bytes, isBytea }: { text: string; bytes: number; isBytea: boolean }): string {
  // bytea_output = hex, the default: two digits a byte behind \x.
  if (isBytea && text.startsWith('\\x')) return count((text.length - 2) / 2, 'byte')
  const lines = countLines(text)
  const parts = [count(text.length, 'character')]
  if (bytes > 0 && bytes !== text.length) parts.push(count(bytes, 'byte'))
  if (lines > 1) parts.push(count(lines, 'line'))
  return parts.join(', ')
}

function count(number: number, word: string): string {
  return `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`
}

function countLines(text: string): number {
  let lines = 1
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}
