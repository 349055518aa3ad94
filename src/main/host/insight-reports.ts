/**
 * Reports of an instance over a range of time, from what the statistics and the insights have: gathered, then written
 * in the wanted form. What cannot be had is missing in it, and it says why. Knows no client.
 */

import type { Clock } from '../../base/clock.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import type { ReportFormat, ReportPart } from '../../contract/insight.ts'
import { statementRowsMax } from '../../contract/statistics.ts'
import { reportCsv } from '../insight/report-csv.ts'
import { seriesOf, type ReportData, type ReportSeries } from '../insight/report-data.ts'
import { reportHtml } from '../insight/report-html.ts'
import type { Insights } from '../insight/insights.ts'
import type { ResourceMonitor } from '../monitor/resource-monitor.ts'
import type { StatementStatistics } from '../statistics/statement-statistics.ts'

export interface InsightReportsOptions {
  readonly insights: Insights
  readonly statistics: Pick<StatementStatistics, 'top' | 'overTime'>
  readonly monitor: Pick<ResourceMonitor, 'series'>
  readonly clock: Clock
  /** Such as `Wardian 0.1.0`. */
  readonly product: string
  nameOf(instanceId: string): string
}

export interface ReportWish {
  readonly instanceId: string
  readonly fromMs: number
  readonly toMs: number
  readonly format: ReportFormat
  readonly part: ReportPart
}

export interface ReportFile {
  readonly fileName: string
  readonly mediaType: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A line of a chart has no more than that. */
const pointsMax = 600

/** Of the monitor's metrics, what a report shows. */
const resourceNames = ['wasmMemory', 'engineHeap', 'engineCpu', 'disk', 'walDisk'] as const

const mediaTypes = {
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  csv: 'text/csv; charset=utf-8',
} as const

export class InsightReports {
  readonly #options: InsightReportsOptions

  constructor(options: InsightReportsOptions) {
    this.#options = options
  }

  /** Throws `not-found`, and `invalid-argument` for a range that has no length. */
  async make(wish: ReportWish, signal: AbortSignal): Promise<ReportFile> {
    const { fromMs, toMs, format, part } = wish
    if (toMs <= fromMs) throw new WorkbenchError('invalid-argument', 'The range ends before it begins')
    const data = await this.#gather(wish, signal)
    const text =
      format === 'html' ? reportHtml(data) : format === 'csv' ? reportCsv(data, part) : asJson(data)
    const of = format === 'csv' ? `-${part}` : ''
    const day = new Date(data.madeAtMs).toISOString().slice(0, 16).replaceAll(/[:T]/g, '-')
    return {
      fileName: `${fileNameOf(data.instance)}${of}-${day}.${format}`,
      mediaType: mediaTypes[format],
      bytes: new TextEncoder().encode(text),
    }
  }

  async #gather({ instanceId, fromMs, toMs }: ReportWish, signal: AbortSignal): Promise<ReportData> {
    const { insights, statistics, product, clock } = this.#options
    const notes: string[] = []
    const range = { instanceId, fromMs, toMs }
    const had = async <T>(what: string, ask: () => Promise<T>): Promise<T | null> => {
      try {
        return await ask()
      } catch (error) {
        const { code, message } = toWireError(error)
        if (code === 'cancelled' || code === 'not-found' || code === 'internal') throw error
        notes.push(`${what} could not be had: ${message}.`)
        return null
      }
    }
    const order = { orderBy: 'totalTime', search: '', limit: statementRowsMax } as const
    const top = await had('Statements', () => statistics.top({ ...range, ...order }))
    const overTime = await had('Numbers over time', () => this.#series(range))
    const resources = await had('Memory, processor and disk', () => this.#resources(range))
    const health = await had('What its caches do', () => insights.health(instanceId, signal))
    const tables = await had('Its tables', () => insights.tables(instanceId, signal))
    const indexes = await had('Its indexes', () => insights.indexes(instanceId, signal))
    return {
      ...{ version: 1, product, instance: this.#options.nameOf(instanceId), madeAtMs: clock.nowMs() },
      ...{ fromMs, toMs, notes: [...notes, ...remarksOf([health, tables, indexes])] },
      statements: top && { totals: top.totals, count: top.statementCount, rows: top.rows },
      ...{ overTime, resources, health, tables, indexes },
    }
  }

  async #series(range: Pick<ReportWish, 'instanceId' | 'fromMs' | 'toMs'>): Promise<ReportSeries> {
    const { value, buffers } = await this.#options.statistics.overTime({
      ...range,
      fingerprint: null,
      pointsMax,
    })
    return seriesOf(value.names, value.pointCount, buffers[0] ?? new ArrayBuffer(0))
  }

  /** Nothing was measured of one that is elsewhere. */
  async #resources(range: Pick<ReportWish, 'instanceId' | 'fromMs' | 'toMs'>): Promise<ReportSeries> {
    const { info, buffer } = await this.#options.monitor.series({
      ...range,
      metrics: resourceNames,
      pointsMax,
    })
    return seriesOf(info.names, info.pointCount, buffer)
  }
}

type Read = { readonly read: { readonly remarks: readonly string[]; readonly heldBy: string | null } } | null

function remarksOf(answers: readonly Read[]): string[] {
  const held = answers.find((answer) => answer !== null && answer.read.heldBy !== null)?.read.heldBy
  const remarks = answers.flatMap((answer) => answer?.read.remarks ?? []).map((remark) => `${remark}.`)
  const age = `What is told of tables and indexes is older, because ${held ?? ''} has the backend.`
  return [...new Set(held === undefined ? remarks : [...remarks, age])]
}

function asJson(data: ReportData): string {
  return `${JSON.stringify(data, null, 1)}\n`
}

/** Names that every file system takes. */
function fileNameOf(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 100) || 'report'
}
