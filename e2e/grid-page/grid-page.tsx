/**
 * The grid alone in a page, with a generated result: what the scrolling benchmark drives. The address says how
 * many rows and columns (`?rows=1000000&columns=3`).
 */

import '@fontsource/jetbrains-mono/400.css'
import '@fontsource/jetbrains-mono/400-italic.css'
import { createRoot } from 'react-dom/client'
import { GridPane } from '../../src/renderer/grid/grid-pane.tsx'
import { measureFrames, type FrameTimes } from './frame-meter.ts'
import { generatedResult } from './generated-result.ts'

/** Pixels that a slow hand scrolls in one frame. */
const slowStepPx = 7
/** More than a screen of 100 rows a frame; not a multiple of a wheel's notch, so that it is taken exactly. */
const fastStepPx = 3_001

const search = new URLSearchParams(location.search)
const source = generatedResult(Number(search.get('rows') ?? 1_000_000), Number(search.get('columns') ?? 3))
const root = document.getElementById('root')
if (root) createRoot(root).render(<GridPane source={source} rowHeight="compact" label="Result" />)

function scroller(): HTMLElement {
  const element = document.querySelector<HTMLElement>('[role="grid"] > [role="presentation"]')
  if (!element) throw new Error('The grid is not there')
  return element
}

function wheel(deltaY: number): void {
  scroller().dispatchEvent(new WheelEvent('wheel', { deltaY, cancelable: true, bubbles: true }))
}

/** A canvas as large as the grid's, over it: what any page costs that changes one in every frame. */
function blankCanvas(): CanvasRenderingContext2D {
  const { clientWidth, clientHeight } = scroller()
  const canvas = document.createElement('canvas')
  canvas.width = clientWidth
  canvas.height = clientHeight
  canvas.style.cssText = 'position: fixed; inset: 0; pointer-events: none'
  document.body.append(canvas)
  const pen = canvas.getContext('2d', { alpha: false })
  if (!pen) throw new Error('There is no canvas')
  return pen
}

/** Draws nothing but one colour, another one in each frame. */
async function measureBlank(): Promise<FrameTimes> {
  const pen = blankCanvas()
  const times = await measureFrames((frame) => {
    pen.fillStyle = frame % 2 === 0 ? '#14161a' : '#15171b'
    pen.fillRect(0, 0, pen.canvas.width, pen.canvas.height)
  })
  pen.canvas.remove()
  return times
}

const steps: Readonly<Record<string, (frame: number) => void>> = {
  slow: () => wheel(slowStepPx),
  fast: () => wheel(fastStepPx),
  jump: () => {
    scroller().scrollTop = Math.random() * scroller().scrollHeight
  },
}

/** What the benchmark calls. */
const gridPage = {
  measure: (name: string): Promise<FrameTimes> =>
    name === 'blank' ? measureBlank() : measureFrames(steps[name] ?? wheelNothing),
  /** Text of the cell that the keyboard is at, as a screen reader gets it. */
  focusedText: (): string => {
    const grid = document.querySelector('[role="grid"]')
    return document.getElementById(grid?.getAttribute('aria-activedescendant') ?? '')?.textContent ?? ''
  },
}

function wheelNothing(): void {
  throw new Error('No such measurement')
}

Object.assign(window, { gridPage })
await document.fonts.load('12.5px "JetBrains Mono"')
document.documentElement.dataset['ready'] = 'true'
