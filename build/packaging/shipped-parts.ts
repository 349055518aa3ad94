/**
 * All parts of other people that a package of the product has, each with its licence and the text of it: packages that
 * run, packages that the page is made of, what lies within them, and Node. Refuses a part whose licence nobody has
 * looked at.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../run-command.ts'
import { containedParts } from './contained-parts.ts'
import { isLicence } from './pruned-files.ts'
import { packageName, runtimePackages } from './runtime-packages.ts'
import type { RuntimePackagesOptions } from './runtime-packages.ts'

export interface ShippedPart {
  readonly name: string
  readonly version: string
  /** SPDX expression. */
  readonly licence: string
  /** Licences and notices as the part brings them. */
  readonly texts: readonly string[]
}

/** Those that let the product be given away under its own licence, with their notices. */
const acceptedLicences = new Set([
  ...['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'PostgreSQL', 'OFL-1.1'],
  // Of one extension, whose source is unchanged and available.
  ...['MPL-2.0', 'blessing'],
  // Permissive, with their notices: a parser of XML and one of command lines that the updater brings.
  ...['BlueOak-1.0.0', 'Python-2.0'],
])

/** Written by the build of the page (electron.vite.config.ts). */
const pagePackages = 'out/page-packages.json'

/** Whose runtime is compiled into the decoder. */
const compiledIn = ['assemblyscript']

interface PackageManifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly author?: string | { readonly name?: string }
}

/** Sorted by name and version, without those that are there twice. */
export function shippedParts({ shell, root = repositoryRoot }: RuntimePackagesOptions): ShippedPart[] {
  const page = JSON.parse(readFileSync(join(root, pagePackages), 'utf8')) as string[]
  const folders = [
    ...runtimePackages({ shell, root }).map(({ folder }) => folder),
    ...[...page, ...compiledIn].map((name) => `node_modules/${name}`),
  ]
  const parts = new Map<string, ShippedPart>()
  for (const folder of folders) {
    for (const part of partsIn(root, folder)) parts.set(`${part.name} ${part.version}`, part)
  }
  return [...parts.values()].toSorted((a, b) =>
    `${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1,
  )
}

function partsIn(root: string, folder: string): ShippedPart[] {
  const path = join(root, folder)
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as PackageManifest
  const { name, version, license: licence = '' } = manifest
  const texts = readdirSync(path)
    .filter((file) => isLicence(file))
    .map((file) => readFileSync(join(path, file), 'utf8').trim())
  if (texts.length === 0) texts.push(standardText(licence, authorOf(manifest)))
  const contained = containedParts
    .filter((part) => part.within === packageName(folder))
    .map((part) => ({
      ...{ name: part.name, version: `in ${name} ${version}`, licence: part.licence },
      texts: [part.source, standardText(part.licence, part.copyright)],
    }))
  return [{ name, version, licence, texts }, ...contained].map(accepted)
}

function accepted(part: ShippedPart): ShippedPart {
  if (acceptedLicences.has(part.licence)) return part
  throw new Error(
    `${part.name} ${part.version} has the licence "${part.licence}", which nobody has looked at`,
  )
}

/** The text of a licence that its part does not bring, below the part's copyright. */
function standardText(licence: string, copyright: string): string {
  const file = join(import.meta.dirname, 'licence-texts', `${licence}.txt`)
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : `Licence: ${licence}`
  return `${copyright}\n\n${text}`
}

function authorOf({ name, author }: PackageManifest): string {
  const who = typeof author === 'string' ? author : author?.name
  return `Copyright (c) ${who ?? `the authors of ${name}`}`
}
