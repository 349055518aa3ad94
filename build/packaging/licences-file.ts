/**
 * The text that goes with every package of the product: its parts, their licences, and the notices that these want to
 * be kept. Knows how it is laid out; which parts there are is told to it.
 */
import type { ShippedPart } from './shipped-parts.ts'
import type { ShippedPlatform } from './shipped-platform.ts'

const rule = '='.repeat(80)

/** Equal texts are printed once, under the names of all parts that have them. */
export function licencesText(parts: readonly ShippedPart[], platform: ShippedPlatform | null): string {
  const byText = new Map<string, ShippedPart[]>()
  for (const part of parts) {
    const text = part.texts.join('\n\n')
    byText.set(text, [...(byText.get(text) ?? []), part])
  }
  const sections = [...byText].map(([text, sharers]) => section(sharers.map(titleOf), text))
  if (platform !== null) sections.push(section([platform.title], platform.licence))
  return [opening, ...parts.map((part) => `  ${titleOf(part)}`), '', ...sections, ''].join('\n')
}

const opening = `Wardian is distributed under the Apache License 2.0 (see LICENSE).
It contains the following works of others, each under its own licence:
`

function titleOf({ name, version, licence }: ShippedPart): string {
  return `${name} ${version} (${licence})`
}

function section(titles: readonly string[], text: string): string {
  return [rule, ...titles, rule, '', text, ''].join('\n')
}
