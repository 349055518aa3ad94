/**
 * The bill of materials of a package (CycloneDX 1.5), as npm makes it of the lockfile, reduced to what is shipped, with
 * Node or Electron where that is carried. The same sources give the same bytes: npm's own number and time are replaced.
 */
import { createHash } from 'node:crypto'

import { runCommand } from '../run-command.ts'
import type { ShippedPart } from './shipped-parts.ts'
import type { ShippedPlatform } from './shipped-platform.ts'

interface Component {
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly properties?: readonly { readonly name: string; readonly value: string }[]
}

interface Bill {
  readonly metadata: { readonly component: Component }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[]
}

export interface SbomOptions {
  readonly parts: readonly ShippedPart[]
  readonly version: string
  readonly epochSeconds: number
  /** What runs it, if that is carried. */
  readonly platform: ShippedPlatform | null
}

/** As JSON text. */
export async function sbomText(options: SbomOptions): Promise<string> {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only']
  // Windows has no program of this name, but a script; whoever was started by npm is told where npm itself lies.
  const script = process.env['npm_execpath'] ?? ''
  const isScript = script.endsWith('.js')
  const { exitCode, output } = await runCommand(
    isScript ? process.execPath : 'npm',
    isScript ? [script, ...args] : args,
  )
  const start = output.indexOf('{')
  if (exitCode !== 0 || start < 0) throw new Error(`npm sbom failed:\n${output}`)
  const bill = JSON.parse(output.slice(start, output.lastIndexOf('}') + 1)) as Bill
  return `${JSON.stringify(reducedBill(bill, options), null, 2)}\n`
}

/** What `npm sbom` told, without what is not shipped. */
export function reducedBill(bill: Bill, options: SbomOptions): object {
  const { parts, version, epochSeconds, platform } = options
  const shipped = new Set(parts.map((part) => `${part.name}@${part.version}`))
  const carried = platform === null ? [] : [platformComponent(platform)]
  const components = [...bill.components.filter(isIn(shipped)).map(asShipped), ...carried]
  const references = new Set(components.map((component) => component['bom-ref']))
  const own = bill.metadata.component['bom-ref']
  const dependencies = bill.dependencies
    .filter(({ ref }) => ref === own || references.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((to) => references.has(to)) }))
  const body = {
    ...bill,
    metadata: {
      ...bill.metadata,
      timestamp: new Date(epochSeconds * 1000).toISOString(),
      component: { ...bill.metadata.component, name: 'wardian', version, type: 'application' },
    },
    components,
    dependencies,
  }
  return { ...body, serialNumber: `urn:uuid:${uuidOf(JSON.stringify({ ...body, serialNumber: '' }))}` }
}

/** Aliases have another name in the lockfile than in their package: the reference has both. */
function isIn(shipped: ReadonlySet<string>): (component: Component) => boolean {
  return ({ name, version, 'bom-ref': reference }) =>
    shipped.has(`${name}@${version}`) || shipped.has(reference)
}

/** What the page is made of is no tool, though npm sees it among the development dependencies. */
function asShipped(component: Component): Component {
  const properties = (component.properties ?? []).filter(({ name }) => name !== 'cdx:npm:package:development')
  return { ...component, ...{ scope: 'required', properties } }
}

/** Both under the MIT licence, as far as they are their projects' own. */
function platformComponent({ name, version }: ShippedPlatform): Component {
  const reference = `pkg:generic/${name}@${version}`
  const described = { type: 'platform', purl: reference, licenses: [{ license: { id: 'MIT' } }] }
  return { 'bom-ref': reference, name, version, ...described }
}

/** A name-based UUID of the content (RFC 9562, section 5.8: version 8). */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
