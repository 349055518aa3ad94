/** The life of a plot within a component: made with its element, shown what changes, themed, and ended. */

import { useEffect, useRef, type RefObject } from 'react'
import type { ChartGroup } from './chart-group.ts'
import type { ChartSpec } from './chart-model.ts'
import { ChartPlot, type PlotContent, type PlotListener } from './chart-plot.ts'
import { onThemeChange, readTheme } from './chart-theme.ts'
import { usePictures } from './use-pictures.ts'

export interface PlotUse {
  readonly element: RefObject<HTMLDivElement | null>
  readonly spec: ChartSpec
  readonly group: ChartGroup
  readonly listener: PlotListener
  readonly content: PlotContent
}

export function useChartPlot({ element, spec, group, listener, content }: PlotUse): void {
  const pictures = usePictures()
  const plot = useRef<ChartPlot | null>(null)
  const latest = useRef(listener)
  useEffect(() => {
    latest.current = listener
  }, [listener])
  useEffect(() => {
    if (!element.current) return
    const made = new ChartPlot(
      {
        ...{ element: element.current, spec, group },
        listener: {
          onZoom: (window) => latest.current.onZoom(window),
          onZoomBack: () => latest.current.onZoomBack(),
          onWheelZoom: (aroundMs, factor) => latest.current.onWheelZoom(aroundMs, factor),
          onPan: (share) => latest.current.onPan(share),
        },
      },
      readTheme(),
    )
    plot.current = made
    const picture = pictures?.add(spec, made)
    const theme = onThemeChange(() => made.setTheme(readTheme()))
    return () => {
      picture?.dispose()
      theme.dispose()
      made.dispose()
      plot.current = null
    }
  }, [element, spec, group, pictures])
  useEffect(() => plot.current?.show(content), [content, spec, group, pictures])
}
