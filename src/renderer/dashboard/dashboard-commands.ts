/** What can be done with what the dashboard shows, while it is shown: in the palette, and behind its buttons. */

import type { Command } from '../state/command-registry.ts'
import type { Workbench } from '../state/workbench.ts'
import { rangePresets } from '../state/time-range.ts'
import { saveFile } from '../widgets/save-file.ts'
import type { ChartPictures } from './chart-pictures.ts'
import { windowWords } from './range-words.ts'
import { seriesCsv, seriesJson } from './series-files.ts'

const group = 'Dashboard'

export function dashboardCommands(workbench: Workbench, pictures: ChartPictures): readonly Command[] {
  const { dashboard, clock } = workbench
  const { view } = dashboard
  return [
    {
      ...{ id: 'dashboard.live', title: 'Dashboard: hold what is shown, or let it move', group },
      keys: ['Alt+L'],
      run: () => view.setLive(!view.isLive),
    },
    {
      ...{ id: 'dashboard.zoom-back', title: 'Dashboard: back to the time before zooming', group },
      isEnabled: () => view.canZoomBack.value,
      run: () => view.zoomBack(),
    },
    {
      ...{ id: 'dashboard.refresh', title: 'Dashboard: read again', group },
      run: () => dashboard.refresh(),
    },
    {
      ...{ id: 'dashboard.all', title: 'Dashboard: all databases and the host', group },
      run: () => view.setScope(null),
    },
    {
      ...{ id: 'dashboard.current', title: 'Dashboard: the current database', group },
      isEnabled: () => workbench.instances.current !== null,
      run: () => view.setScope(workbench.instances.currentId.value),
    },
    ...rangePresets.map(([lengthMs, title]): Command => {
      const run = (): void => view.setRange({ kind: 'last', lengthMs })
      return { id: `dashboard.range-${lengthMs}`, title: `Dashboard: ${title.toLowerCase()}`, group, run }
    }),
    {
      ...{ id: 'dashboard.range-since', title: 'Dashboard: from now on', group },
      run: () => view.setRange({ kind: 'since', fromMs: clock.nowMs() }),
    },
    {
      ...{ id: 'dashboard.range-custom', title: 'Dashboard: from … to …', group },
      run: () => dashboard.question.set('range'),
    },
    {
      ...{ id: 'dashboard.settings', title: 'Dashboard: what is measured and kept', group },
      run: () => dashboard.question.set('settings'),
    },
    {
      ...{ id: 'dashboard.log', title: 'Dashboard: alerts, and how much is logged', group },
      run: () => view.tab.set('alerts'),
    },
    {
      ...{ id: 'dashboard.reset', title: 'Dashboard: forget statement statistics…', group },
      run: () => dashboard.question.set('reset'),
    },
    ...exportCommands(workbench, pictures),
  ]
}

function exportCommands(workbench: Workbench, pictures: ChartPictures): Command[] {
  const { view } = workbench.dashboard
  const scopeName = (): string => workbench.instances.find(view.scopeId.value)?.name ?? 'All databases'
  const fileName = (extension: string): string => {
    const moment = new Date(view.window.value.toMs).toISOString().slice(0, 19).replaceAll(':', '')
    return `${scopeName().replaceAll(/[^\w.-]+/g, '-')}-${moment}.${extension}`
  }
  const head = () => ({ scope: scopeName(), window: view.window.value })
  return [
    {
      ...{ id: 'dashboard.export-png', title: 'Dashboard: save the charts as a picture (PNG)', group },
      run: async () => {
        const words = windowWords(view.window.value, workbench.clock.nowMs())
        saveFile(await pictures.take(`${scopeName()} · ${words}`), fileName('png'))
      },
    },
    {
      ...{ id: 'dashboard.export-csv', title: 'Dashboard: save numbers over time (CSV)', group },
      run: async () => {
        const csv = seriesCsv(await view.readWhole())
        saveFile(new Blob([csv], { type: 'text/csv' }), fileName('csv'))
      },
    },
    {
      ...{ id: 'dashboard.export-json', title: 'Dashboard: save numbers over time (JSON)', group },
      run: async () => {
        const json = seriesJson(await view.readWhole(), head())
        saveFile(new Blob([json], { type: 'application/json' }), fileName('json'))
      },
    },
    reportCommand(workbench, { id: 'report', format: 'html', words: 'a report that opens anywhere (HTML)' }),
    reportCommand(workbench, { id: 'report-json', format: 'json', words: 'a report (JSON)' }),
  ]
}

interface ReportChoice {
  readonly id: string
  readonly format: 'html' | 'json'
  readonly words: string
}

function reportCommand({ dashboard }: Workbench, { id, format, words }: ReportChoice): Command {
  const { scopeId } = dashboard.view
  return {
    ...{ id: `dashboard.export-${id}`, title: `Dashboard: save ${words}`, group },
    isEnabled: () => scopeId.value !== null,
    run: async () => {
      if (scopeId.value === null) return
      const { name, file } = await dashboard.report(scopeId.value, format, 'statements')
      saveFile(file, name)
    },
  }
}
