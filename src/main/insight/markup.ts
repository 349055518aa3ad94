/**
 * HTML and SVG made of elements, so that no text can become anything but text: whatever is not an element is escaped.
 * Knows no page.
 */

/** Markup that is what it says; made by `element` alone. */
export interface Markup {
  readonly markup: string
}

export type Child = string | number | Markup
type Attributes = Readonly<Record<string, string | number>>

/** Elements without an end tag (HTML Living Standard, section 13.1.2) that pages here have. */
const voidElements = new Set(['meta'])

export function element(
  name: string,
  attributes: Attributes,
  children: readonly Child[] | Child = [],
): Markup {
  const list = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
    .join('')
  if (voidElements.has(name)) return { markup: `<${name}${list}>` }
  const content = (Array.isArray(children) ? children : [children]) as readonly Child[]
  return { markup: `<${name}${list}>${content.map(markupOf).join('')}</${name}>` }
}

function markupOf(child: Child): string {
  return typeof child === 'object' ? child.markup : escaped(String(child))
}

/** Control characters but tabs and line breaks are none that a document may have. */
const unwanted = /[^\P{Cc}\t\n\r]/gu
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(unwanted, '\u{fffd}')
    .replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
}
