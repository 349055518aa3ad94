/**
 * `wardian top`, `stats` and `report`: what the host's statistics and insights tell of an instance. Data on stdout, or
 * in a file; narration on stderr.
 */

import { extname } from 'node:path'
import type {
  Finding,
  HealthInsight,
  ReportFormat,
  ReportPart,
  TablesInsight,
} from '../../contract/insight.ts'
import type { Instance } from '../../contract/instance.ts'
import type { statementOrders, StatementRow } from '../../contract/statistics.ts'
import { withHost, type CommandContext, type DataOption } from './command-context.ts'
import type { WorkbenchClient } from './host-connection.ts'
import { findInstance } from './instance-commands.ts'
import { visibleText } from './terminal-text.ts'
import { textTable } from './text-table.ts'
import { bytesText } from './transfer-progress.ts'
import { writeFileAtOnce } from './whole-file.ts'

export interface TopOptions extends DataOption {
  readonly by: (typeof statementOrders)[number]
  /** Milliseconds. */
  readonly since: number
  readonly limit: number
  readonly search: string
  readonly json?: true
}

export interface StatsOptions extends DataOption {
  readonly json?: true
}

export interface ReportOptions extends DataOption {
  /** `-` is stdout. */
  readonly output: string
  readonly format?: ReportFormat
  readonly part: ReportPart
  /** Milliseconds. */
  readonly since: number
}

/** Columns of a statement that a list shows. */
const textWidthMax = 80
const tablesShownMax = 20

export async function runTop(context: CommandContext, name: string, options: TopOptions): Promise<void> {
  const { terminal, clock } = context
  await withHost(context, options, async ({ client }) => {
    const { id: instanceId } = await findInstance(client, name)
    const toMs = clock.nowMs() + 1
    const { by: orderBy, since, limit, search } = options
    const range = { instanceId, fromMs: Math.max(0, toMs - since), toMs }
    const top = await client.call('statistics.top', { ...range, orderBy, search, limit })
    const { totals, statementCount, rows } = top
    if (options.json) return terminal.write(`${JSON.stringify(top)}\n`)
    const { calls, errors, totalMs } = totals
    terminal.note(
      `${statementCount} statements, ${calls} calls, ${errors} errors, ${milliseconds(totalMs)} ms`,
    )
    await terminal.write(topTable(rows, totalMs))
  })
}

export async function runStats(context: CommandContext, name: string, options: StatsOptions): Promise<void> {
  const { terminal, interrupt: signal } = context
  await withHost(context, options, async ({ client }) => {
    const { id: instanceId } = await runningInstance(client, name)
    const tables = await client.call('insight.tables', { instanceId }, { signal })
    const indexes = await client.call('insight.indexes', { instanceId }, { signal })
    const health = await client.call('insight.health', { instanceId }, { signal })
    if (options.json) return terminal.write(`${JSON.stringify({ tables, indexes, health })}\n`)
    await terminal.write(`${healthLine(health)}\n\n${tablesTable(tables)}`)
    const findings = [...indexes.findings, ...tables.findings]
    for (const finding of findings) await terminal.write(findingText(finding))
    for (const remark of new Set([tables, indexes, health].flatMap(({ read }) => read.remarks))) {
      terminal.note(visibleText(remark))
    }
    terminal.note(findings.length === 1 ? '1 finding' : `${findings.length} findings`)
  })
}

export async function runReport(
  context: CommandContext,
  name: string,
  options: ReportOptions,
): Promise<void> {
  const { terminal, clock, interrupt: signal } = context
  const { output, part, since } = options
  const format = options.format ?? formatOf(output)
  await withHost(context, options, async ({ client }) => {
    const { id: instanceId } = await runningInstance(client, name)
    const toMs = clock.nowMs() + 1
    const wish = { instanceId, fromMs: Math.max(0, toMs - since), toMs, format, part }
    const { buffers } = await client.callWithBuffers('insight.report', wish, { signal })
    const bytes = new Uint8Array(buffers[0] ?? new ArrayBuffer(0))
    if (output === '-') return terminal.writeBytes(bytes)
    await writeFileAtOnce(output, (write) => write(bytes))
    terminal.note(`Wrote ${visibleText(output)}, ${bytesText(bytes.length)}`)
  })
}

/** Whoever names an instance wants it looked into, so it is started. */
async function runningInstance(client: WorkbenchClient, name: string): Promise<Instance> {
  const { id: instanceId } = await findInstance(client, name)
  return client.call('instance.start', { instanceId })
}

function formatOf(output: string): ReportFormat {
  const end = extname(output).toLowerCase()
  return end === '.json' ? 'json' : end === '.csv' ? 'csv' : 'html'
}

function topTable(rows: readonly StatementRow[], totalMs: number): string {
  const share = (ms: number): string => (totalMs === 0 ? '-' : `${((100 * ms) / totalMs).toFixed(1)}%`)
  return textTable([
    ['TOTAL ms', 'SHARE', 'CALLS', 'MEAN ms', 'P95 ms', 'MAX ms', 'ROWS', 'ERRORS', 'STATEMENT'],
    ...rows.map((row) => [
      ...[milliseconds(row.totalMs), share(row.totalMs), String(row.calls), milliseconds(row.meanMs)],
      ...[milliseconds(row.p95Ms), milliseconds(row.maxMs), String(row.rows), String(row.errors)],
      oneLine(row.text),
    ]),
  ])
}

function tablesTable({ tables, total }: TablesInsight): string {
  const shown = tables.slice(0, tablesShownMax)
  const rest = total > shown.length ? `and ${total - shown.length} smaller ones\n` : ''
  const rows = shown.map((table) => [
    visibleText(table.qualifiedName),
    ...[table.totalBytes, table.heapBytes, table.indexBytes].map(bytesText),
    ...[table.rows, table.deadRows].map((value) => (value === null ? '-' : String(value))),
    table.bloatBytes === null ? '-' : bytesText(table.bloatBytes),
    ...[table.sequentialScans, table.indexScans].map(String),
  ])
  const heads = ['TABLE', 'TOTAL', 'HEAP', 'INDEXES', 'ROWS', 'DEAD', 'NOT NEEDED', 'READ WHOLE', 'BY INDEX']
  return textTable([heads, ...rows]) + rest
}

function healthLine({ databaseBytes, bufferHits, bufferReads, commits, rollbacks }: HealthInsight): string {
  const all = bufferHits + bufferReads
  const rate = all === 0 ? '-' : `${((100 * bufferHits) / all).toFixed(1)} %`
  return `${bytesText(databaseBytes)}, ${rate} of blocks found in buffers, ${commits} commits, ${rollbacks} rollbacks`
}

function findingText({ title, why, certainty, repair }: Finding): string {
  const lines = [`${title} (${certainty})`, ...[why].map((line) => `    ${line}`)]
  if (repair) lines.push(...repair.sql.split('\n').map((line) => `    ${line}`))
  if (repair?.undo) lines.push(...`To undo: ${repair.undo}`.split('\n').map((line) => `    ${line}`))
  return `\n${lines.map(visibleText).join('\n')}\n`
}

function oneLine(text: string): string {
  const line = visibleText(text.replaceAll(/\s+/g, ' ').trim())
  return line.length <= textWidthMax ? line : `${line.slice(0, textWidthMax - 1)}…`
}

function milliseconds(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
