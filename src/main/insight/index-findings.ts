/**
 * Which indexes could go, or have to be built again, with the statements that do it and take it back. Judges rows of
 * index-insight.ts; asks nobody.
 */

import type { Finding } from '../../contract/insight.ts'
import { bytesText, countText, sinceText } from './finding-words.ts'
import type { IndexRow } from './index-insight.ts'

/** Smaller ones cost nobody anything: eight pages. */
const unusedBytesMin = 64 << 10
/** Before a table has been read so often, that an index was not used says little. */
const tellingScansMin = 100

/** `supporting`: of indexes that a foreign key needs, by oid. `countedSinceMs`: as of InsightRead. */
export function indexFindings(
  indexes: readonly IndexRow[],
  { supporting, countedSinceMs }: { supporting: ReadonlySet<number>; countedSinceMs: number | null },
): Finding[] {
  const findings: Finding[] = []
  /** Told of already, or what somebody else is to go for. */
  const settled = new Set<number>()
  for (const [index, other, isSame] of doubles(indexes)) {
    settled.add(index.oid).add(other.oid)
    findings.push(isSame ? duplicate(index, other) : overlapping(index, other))
  }
  for (const index of indexes) {
    if (!index.isValid && !index.isPartitioned) findings.push(invalid(index))
    else if (!settled.has(index.oid) && !supporting.has(index.oid) && isUnused(index)) {
      findings.push(unused(index, countedSinceMs))
    }
  }
  return findings
}

/** Nothing but reading speaks for it. */
function canGo(index: IndexRow): boolean {
  return !index.isNeeded && !index.isPartitioned && !index.hasExtras && index.isValid
}

function isUnused(index: IndexRow): boolean {
  const wasTouched = index.tableScans > 0
  return canGo(index) && !index.isUnique && index.scans === 0 && index.bytes >= unusedBytesMin && wasTouched
}

type Double = readonly [index: IndexRow, other: IndexRow, isSame: boolean]

/** Each index that another one makes superfluous, with that one; never both of a pair. */
function doubles(indexes: readonly IndexRow[]): Double[] {
  const byTable = Map.groupBy(indexes, ({ tableOid }) => tableOid)
  const found: Double[] = []
  for (const siblings of byTable.values()) {
    const kept = [...siblings].sort(byWorth)
    for (const index of kept.toReversed()) {
      if (!canGo(index)) continue
      const others = kept.filter((other) => other !== index && other.isValid && !other.isPartitioned)
      const same = others.find((other) => isSame(index, other))
      const longer = index.isUnique ? undefined : others.find((other) => isPrefix(index, other))
      const other = same ?? longer
      if (!other) continue
      found.push([index, other, same !== undefined])
      // What makes another superfluous has to stay.
      kept.splice(kept.indexOf(index), 1)
    }
  }
  return found
}

/** First those that must stay, then those that are used most, then the oldest. */
function byWorth(a: IndexRow, b: IndexRow): number {
  const rank = (index: IndexRow): number => (canGo(index) ? 0 : 2) + (index.isUnique ? 1 : 0)
  return rank(b) - rank(a) || b.scans - a.scans || a.oid - b.oid
}

function isSame(index: IndexRow, other: IndexRow): boolean {
  const isAsStrict = !index.isUnique || (other.isUnique && index.nullsNotDistinct === other.nullsNotDistinct)
  const hasMore = index.included.every((column) => other.included.includes(column))
  return isAsStrict && hasMore && isAlike(index, other) && index.keys.join('\n') === other.keys.join('\n')
}

/** Its columns are the first ones of `other`, in the same order and direction, and of a B-tree that is enough. */
function isPrefix(index: IndexRow, other: IndexRow): boolean {
  const isShorter = index.keys.length < other.keys.length && index.method === 'btree'
  const isCovered = index.included.length === 0 && isAlike(index, other)
  return isShorter && isCovered && index.keys.every((key, place) => key === other.keys[place])
}

function isAlike(index: IndexRow, other: IndexRow): boolean {
  return index.method === other.method && index.predicate === other.predicate
}

function duplicate(index: IndexRow, other: IndexRow): Finding {
  return {
    ...{ kind: 'duplicate-index', certainty: 'sure', table: index.table, object: index.qualifiedName },
    title: `${index.qualifiedName} has the same columns as ${other.qualifiedName}`,
    why:
      `Both index the same columns with the same operator classes and the same predicate, and each write keeps ` +
      `both up to date. ${other.qualifiedName} ${reasonToKeep(other)}.`,
    ...{ bytes: index.bytes, repair: dropping(index) },
  }
}

function overlapping(index: IndexRow, other: IndexRow): Finding {
  return {
    ...{ kind: 'overlapping-index', certainty: 'likely', table: index.table, object: index.qualifiedName },
    title: `${index.qualifiedName} is the beginning of ${other.qualifiedName}`,
    why:
      `What it is searched for, ${other.qualifiedName} finds, too, because its columns come first there. It was ` +
      `used ${countText(index.scans, 'time')}. Against dropping it: being smaller, it may be faster where it is ` +
      'read a lot.',
    ...{ bytes: index.bytes, repair: dropping(index) },
  }
}

function unused(index: IndexRow, countedSinceMs: number | null): Finding {
  const isTelling = index.tableScans >= tellingScansMin
  return {
    ...{ kind: 'unused-index', certainty: isTelling ? 'likely' : 'hint' },
    ...{ table: index.table, object: index.qualifiedName },
    title: `Nothing has used ${index.qualifiedName}`,
    why:
      `It takes ${bytesText(index.bytes)} and was not used once ${sinceText(countedSinceMs)}, while its table was ` +
      `read ${countText(index.tableScans, 'time')} and ${countText(index.tableWrites, 'row')} of it were written. ` +
      'Against dropping it: a report that runs once a month may need it, and reads on a standby are not counted here.',
    ...{ bytes: index.bytes, repair: dropping(index) },
  }
}

function invalid(index: IndexRow): Finding {
  return {
    ...{ kind: 'invalid-index', certainty: 'sure', table: index.table, object: index.qualifiedName },
    title: `${index.qualifiedName} is not valid`,
    why:
      'Building it was interrupted: no query uses it, and each write may keep it up to date all the same. It can be ' +
      'built again, or dropped if another one has taken its place.',
    bytes: index.bytes,
    repair: { sql: `REINDEX INDEX ${index.qualifiedName};`, undo: null },
  }
}

function reasonToKeep(index: IndexRow): string {
  if (index.isPrimary) return 'is the primary key, so that one stays'
  if (index.isNeeded) return 'belongs to a constraint, so that one stays'
  if (index.isUnique) return 'also makes them unique, so that one stays'
  return `was used ${countText(index.scans, 'time')}, so that one may stay`
}

function dropping({ qualifiedName, definition, comment }: IndexRow): { sql: string; undo: string } {
  const note = comment === null ? '' : `\nCOMMENT ON INDEX ${qualifiedName} IS ${literal(comment)};`
  return { sql: `DROP INDEX ${qualifiedName};`, undo: `${definition};${note}` }
}

/** As quote_literal() does it. */
function literal(text: string): string {
  const quoted = text.replaceAll("'", "''")
  return quoted.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`
}
