/**
 * `node build/tidy.ts`: the tidy rules over every file of the repository, and the sizes of the product's
 * files. Prints what is untidy and fails if anything is.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from './run-command.ts'
import { untidyIn } from './tidy-rules.ts'
import type { Finding, SourceText } from './tidy-rules.ts'

const FILES = [
  '{src,test,e2e,bench,build,bin}/**/*.{ts,tsx,mjs,cjs,css,html}',
  'native-wasm/{src,js,test}/**/*.{ts,mjs}',
  'examples/**/*.{ts,tsx,mjs,html}',
  '*.{ts,cjs}',
  '.dependency-cruiser.cjs',
]
const PRODUCT_FILE = /^(src|native-wasm\/js)\/(?!.*\.(test|d)\.tsx?$).*\.tsx?$/

/** Half of the product's files are at most this long, nine of ten at most that; the best trees are. */
const LINES_MEDIAN_MAX = 120
const LINES_P90_MAX = 350

function readFiles(): SourceText[] {
  return globSync(FILES, { cwd: repositoryRoot })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((path) => !path.includes('/generated/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(repositoryRoot, path), 'utf8') }))
}

/** The value that `share` of the sorted `values` do not exceed. */
function quantile(values: readonly number[], share: number): number {
  return values[Math.ceil(values.length * share) - 1] ?? 0
}

function sizeFindings(files: readonly SourceText[]): Finding[] {
  const lengths = files
    .filter((file) => PRODUCT_FILE.test(file.path))
    .map((file) => file.text.split('\n').length - 1)
    .sort((a, b) => a - b)
  const median = quantile(lengths, 0.5)
  const p90 = quantile(lengths, 0.9)
  process.stdout.write(`${lengths.length} product files: median ${median} lines, p90 ${p90}\n`)
  const findings: Finding[] = []
  const add = (message: string): void => void findings.push({ path: 'src', line: 0, message })
  if (median > LINES_MEDIAN_MAX) add(`median file length ${median}; ${LINES_MEDIAN_MAX} at most`)
  if (p90 > LINES_P90_MAX) add(`nine of ten files have up to ${p90} lines; ${LINES_P90_MAX} at most`)
  return findings
}

const files = readFiles()
const findings = [...files.flatMap(untidyIn), ...sizeFindings(files)]
for (const { path, line, message } of findings) process.stdout.write(`${path}:${line} ${message}\n`)
if (findings.length > 0) process.exitCode = 1
