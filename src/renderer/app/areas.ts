/** The parts of the window that F6 goes through, and how the focus gets into each. Knows the document alone. */

/** From left to right and from top to bottom. */
export const areas = ['activity', 'sidebar', 'tabs', 'editor', 'results', 'page', 'status'] as const
export type Area = (typeof areas)[number]

const focusable =
  'a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), [tabindex]:not([tabindex="-1"])'

/** Moves the focus into `area`; false when it is not there or has nothing to focus. */
export function focusArea(area: Area): boolean {
  const element = document.querySelector(`[data-area="${area}"]`)
  const preferred = element?.querySelector<HTMLElement>('[data-area-focus]')
  const target = preferred ?? firstVisible(element)
  target?.focus()
  return target !== null && target !== undefined && element?.contains(document.activeElement) === true
}

/** Moves the focus to the next area in `direction` that can have it. */
export function focusNextArea(direction: 1 | -1): void {
  const current = document.activeElement?.closest<HTMLElement>('[data-area]')?.dataset['area']
  const from = areas.findIndex((area) => area === current)
  for (let step = 1; step <= areas.length; step += 1) {
    const index = (from + direction * step + areas.length * 2) % areas.length
    const area = areas[index]
    if (area !== undefined && focusArea(area)) return
  }
}

function firstVisible(element: Element | null): HTMLElement | null {
  const candidates = [...(element?.querySelectorAll<HTMLElement>(focusable) ?? [])]
  return candidates.find((candidate) => candidate.offsetParent !== null) ?? null
}
