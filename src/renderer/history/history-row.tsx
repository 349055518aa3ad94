/** One statement of the history: how it ended, its text, and when, where and how long. */

import {
  CircleCheck,
  CircleSlash,
  CircleX,
  LoaderCircle,
  Scissors,
  Unplug,
  type LucideIcon,
} from 'lucide-react'
import type { ReactElement } from 'react'
import type { HistoryEntry } from '../../contract/workspace.ts'
import { classes } from '../widgets/class-names.ts'
import { momentWords } from '../widgets/moment-words.ts'
import { formatDuration, formatMoment, formatRows } from '../widgets/number-format.ts'
import styles from './history.module.css'

type Status = HistoryEntry['status']

const statusIcons: Readonly<Record<Status, LucideIcon>> = {
  running: LoaderCircle,
  ok: CircleCheck,
  cut: Scissors,
  failed: CircleX,
  cancelled: CircleSlash,
  interrupted: Unplug,
}

const statusWords: Readonly<Record<Status, string>> = {
  running: 'Running',
  ok: 'Done',
  cut: 'Result cut at its budget',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted: the host ended while it ran',
}

/** Beginning of a statement that fits a line, however wide the pane is. */
const summaryLengthMax = 300

interface HistoryRowProps {
  readonly entry: HistoryEntry
  readonly nowMs: number
  /** The database that the window works with: only others need to be named. */
  readonly currentName: string | null
}

export function HistoryRow({ entry, nowMs, currentName }: HistoryRowProps): ReactElement {
  const Icon = statusIcons[entry.status]
  const text = oneLine(entry.text)
  return (
    <div className={styles['entry']} title={hoverWords(entry, nowMs)}>
      <Icon
        className={classes(styles['status'], styles[entry.status])}
        size={14}
        aria-label={statusWords[entry.status]}
      />
      <div className={styles['words']}>
        <div className={styles['text']}>{text === '' ? '(no text)' : text}</div>
        <div className={styles['meta']}>{metaOf(entry, nowMs, currentName)}</div>
      </div>
    </div>
  )
}

/** Statements longer than this would hide the window. */
const hoverLengthMax = 2_000

function hoverWords({ startedAtMs, instanceName, text }: HistoryEntry, nowMs: number): string {
  return `${momentWords(startedAtMs, nowMs)} · ${instanceName}\n\n${text.slice(0, hoverLengthMax)}`
}

function metaOf(entry: HistoryEntry, nowMs: number, currentName: string | null): string {
  const { status, durationMs, rowCount, commandTag, errorMessage } = entry
  const countsRows = rowCount !== null && (commandTag === null || countsRowsIn(commandTag))
  const outcome =
    status === 'failed' ? (errorMessage ?? 'failed') : countsRows ? formatRows(rowCount) : commandTag
  const parts = [
    formatMoment(entry.startedAtMs, nowMs),
    durationMs === null ? null : formatDuration(durationMs),
    status === 'ok' || status === 'failed' ? outcome : statusWords[status].split(':')[0],
    entry.instanceName === currentName ? null : entry.instanceName,
  ]
  return parts.filter((part) => part !== null && part !== undefined).join(' · ')
}

/** Whether a command tag counts rows (PostgreSQL 18 documentation, section 54.7, CommandComplete). */
function countsRowsIn(commandTag: string): boolean {
  return /\d$/.test(commandTag)
}

/** The text as one line, without the comments it may begin with. */
function oneLine(text: string): string {
  const withoutComments = text.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '')
  return (withoutComments === '' ? text : withoutComments)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, summaryLengthMax)
}
