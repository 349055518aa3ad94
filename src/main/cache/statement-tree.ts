/**
 * Reads the tree of a statement as Postgres prints it (nodeToString, nodes/outfuncs.c), and finds what it reads and
 * calls, or why its result is not to be kept. Knows neither the catalog nor a result.
 */

import {
  allowedNodes,
  allowedRangeKinds,
  allowedValueFunctions,
  firstUserOid,
  timelessTypes,
} from './tree-rules.ts'

/** What a statement depends on, by oid. */
export interface TreeFacts {
  /** Tables, views and the like; of partitions and children only those that are named. */
  readonly relations: ReadonlySet<number>
  readonly functions: ReadonlySet<number>
  /** A constant or parameter of it may be a point in time that was said in words. */
  readonly hasTimeConstant: boolean
}

/** A longer one takes longer to read than most statements to run. */
const treeLengthMax = 512 << 10

/** Special characters within names are escaped by a backslash; long lines are broken where a space was. */
const tokenPattern = /[{}()]|(?:\\[\s\S]|[^\s{}()\\])+/g
const digits = /^\d+$/

/** What a label must be followed by; anything else may change something. */
const required: ReadonlyMap<string, string> = new Map([
  [':commandType', '1'],
  [':hasModifyingCTE', 'false'],
  [':hasForUpdate', 'false'],
  [':utilityStmt', '<>'],
  [':tablesample', '<>'],
  [':rowMarks', '<>'],
  [':resultRelation', '0'],
])

/** Oids of functions that are called; `true` where there must be one. */
const functionLabels: ReadonlyMap<string, boolean> = new Map([
  [':funcid', true],
  [':opfuncid', true],
  [':aggfnoid', true],
  [':winfnoid', true],
  [':hashfuncid', false],
  [':negfuncid', false],
  [':startInRangeFunc', false],
  [':endInRangeFunc', false],
])

/** Operators that sort and compare, whose functions are not named. */
const operatorLabels: ReadonlySet<string> = new Set([':eqop', ':sortop', ':opno'])

class TreeReader {
  readonly relations = new Set<number>()
  readonly functions = new Set<number>()
  hasTimeConstant = false
  readonly #tokens: readonly string[]
  readonly #nodes: string[] = []

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens
  }

  /** Whether all of it may be kept. */
  read(): boolean {
    return this.#tokens.every((token, at) => this.#accepts(token, at))
  }

  #accepts(token: string, at: number): boolean {
    if (token === '{') {
      const node = this.#tokens[at + 1] ?? ''
      this.#nodes.push(node)
      return allowedNodes.has(node)
    }
    if (token === '}') this.#nodes.pop()
    return !token.startsWith(':') || this.#acceptsField(token, this.#tokens[at + 1] ?? '')
  }

  #acceptsField(label: string, value: string): boolean {
    const wanted = required.get(label)
    if (wanted !== undefined) return value === wanted
    const mustCall = functionLabels.get(label)
    if (mustCall !== undefined) return this.#addTo(this.functions, value, mustCall)
    if (label === ':relid') return this.#addTo(this.relations, value, false)
    if (label === ':rtekind') return digits.test(value) && allowedRangeKinds.has(Number(value))
    if (operatorLabels.has(label)) return digits.test(value) && Number(value) < firstUserOid
    return this.#acceptsTyped(label, value)
  }

  #acceptsTyped(label: string, value: string): boolean {
    const node = this.#nodes.at(-1)
    // Of a constant, and of a parameter, whose value is one of the statement's.
    if (label === ':consttype' || label === ':paramtype') {
      if (!timelessTypes.has(Number(value))) this.hasTimeConstant = true
      return digits.test(value)
    }
    if (node === 'COERCEVIAIO' && label === ':resulttype') return timelessTypes.has(Number(value))
    if (node === 'SQLVALUEFUNCTION' && label === ':op') {
      return digits.test(value) && allowedValueFunctions.has(Number(value))
    }
    return true
  }

  #addTo(found: Set<number>, value: string, isRequired: boolean): boolean {
    const oid = Number(value)
    if (!digits.test(value) || (isRequired && oid === 0)) return false
    if (oid !== 0) found.add(oid)
    return true
  }
}

/** null where the result is not to be kept, whatever the catalog says. */
export function readStatementTree(tree: string): TreeFacts | null {
  if (tree.length > treeLengthMax) return null
  const reader = new TreeReader(tree.match(tokenPattern) ?? [])
  if (!reader.read()) return null
  const { relations, functions, hasTimeConstant } = reader
  // The system's catalogs and views show what is not in rows: statistics, locks, settings.
  const readsSystem = [...relations].some((oid) => oid < firstUserOid)
  return readsSystem ? null : { relations, functions, hasTimeConstant }
}
