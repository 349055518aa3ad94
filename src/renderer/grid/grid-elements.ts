/**
 * The elements that the grid's surface works with, made without the framework, since nothing in them is ever
 * rendered: a scrolled element, the canvas above it, and the hidden rows for screen readers.
 */

import styles from './grid.module.css'

export interface GridElements {
  /** Has the role `grid` and the focus. */
  readonly grid: HTMLElement
  readonly scroller: HTMLElement
  readonly sizer: HTMLElement
  readonly canvas: HTMLCanvasElement
  readonly mirror: HTMLElement
}

/** Makes the elements, as first children of `grid`. */
export function makeGridElements(grid: HTMLElement): GridElements {
  const scroller = element('div', 'scroller')
  const sizer = element('div', 'sizer')
  const canvas = element('canvas', 'canvas')
  const mirror = element('div', 'mirror')
  scroller.tabIndex = -1
  scroller.setAttribute('role', 'presentation')
  canvas.setAttribute('aria-hidden', 'true')
  mirror.setAttribute('role', 'rowgroup')
  scroller.append(sizer)
  grid.prepend(scroller, canvas, mirror)
  return { grid, scroller, sizer, canvas, mirror }
}

/** Takes them out again. */
export function removeGridElements(elements: GridElements): void {
  for (const each of [elements.scroller, elements.canvas, elements.mirror]) each.remove()
}

function element<K extends 'div' | 'canvas'>(tag: K, name: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  made.className = styles[name] ?? ''
  return made
}
