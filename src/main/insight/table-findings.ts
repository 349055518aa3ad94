/** What could be done about tables: dead rows, spare pages, missing statistics, whole reads. Asks nobody. */

import type { Finding } from '../../contract/insight.ts'
import { bytesText, countText, numberText } from './finding-words.ts'
import type { TableRow } from './table-insight.ts'

/** As autovacuum begins: autovacuum_vacuum_threshold and …_scale_factor (PostgreSQL 18, section 19.10). */
const deadRowsMin = 50
const deadShareMin = 0.2
/** Statistics as autovacuum renews them: autovacuum_analyze_threshold and …_scale_factor. */
const changedRowsMin = 50
const changedShareMin = 0.1
/** The estimate is not so exact that less would mean anything. */
const bloatShareMin = 0.4
const bloatBytesMin = 1 << 20
/** Where an index would not be faster, or nobody reads, there is nothing to tell. */
const scannedRowsMin = 10_000
const scansMin = 20

/** `isHere`: nothing vacuums or analyses by itself. */
export function tableFindings(tables: readonly TableRow[], isHere: boolean): Finding[] {
  return tables.flatMap((table) => {
    const findings = [deadRows(table, isHere), bloated(table), notAnalyzed(table, isHere), scanned(table)]
    return findings.filter((finding) => finding !== null)
  })
}

function deadRows(table: TableRow, isHere: boolean): Finding | null {
  const { deadRows: dead, rows, qualifiedName } = table
  if (dead === null || dead < deadRowsMin + deadShareMin * (rows ?? 0)) return null
  const who = isHere ? 'Autovacuum does not run in an instance here' : 'Autovacuum has not come by yet'
  return {
    ...{ kind: 'dead-rows', certainty: 'likely', table: qualifiedName, object: null },
    title: `${countText(dead, 'dead row')} in ${qualifiedName}`,
    why:
      `Beside ${countText(rows ?? 0, 'row')} that live. They are read along until VACUUM gives their room to new ` +
      `rows; the file does not get smaller by it. ${who}.`,
    bytes: null,
    repair: { sql: `VACUUM (ANALYZE) ${qualifiedName};`, undo: null },
  }
}

function bloated({ bloatBytes, heapBytes, qualifiedName }: TableRow): Finding | null {
  if (bloatBytes === null || bloatBytes < bloatBytesMin || bloatBytes < bloatShareMin * heapBytes) return null
  const share = Math.round((100 * bloatBytes) / heapBytes)
  return {
    ...{ kind: 'bloated-table', certainty: 'hint', table: qualifiedName, object: null },
    title: `About ${bytesText(bloatBytes)} of ${qualifiedName} are not needed`,
    why:
      `An estimate: ${share} % of ${bytesText(heapBytes)} of pages have no rows. New rows are put there, so a ` +
      'table that grows again needs nothing. VACUUM FULL writes it anew, and locks it meanwhile.',
    bytes: bloatBytes,
    repair: { sql: `VACUUM (FULL, ANALYZE) ${qualifiedName};`, undo: null },
  }
}

function notAnalyzed(table: TableRow, isHere: boolean): Finding | null {
  const { rows, qualifiedName, modifiedSinceAnalyze: changed } = table
  const isBare = !table.hasStatistics && table.lastAnalyzeMs === null
  const isOld = changed >= changedRowsMin + changedShareMin * (rows ?? 0)
  if (table.heapBytes === 0 || (!isBare && !isOld)) return null
  const changes = isBare
    ? 'It was never analysed'
    : `${countText(changed, 'row')} were changed since the last ANALYZE`
  const who = isHere ? ', and nothing does it by itself in an instance here' : ''
  return {
    ...{ kind: 'not-analyzed', certainty: 'sure', table: qualifiedName, object: null },
    title: `Postgres does not know what is in ${qualifiedName}`,
    why:
      `${changes}${who}. Without statistics it guesses how many rows a condition leaves, and may choose a slow ` +
      'plan.',
    bytes: null,
    repair: { sql: `ANALYZE ${qualifiedName};`, undo: null },
  }
}

function scanned({
  sequentialScans,
  sequentialRows,
  indexScans,
  qualifiedName,
  heapBytes,
}: TableRow): Finding | null {
  const each = sequentialScans === 0 ? 0 : sequentialRows / sequentialScans
  if (sequentialScans < scansMin || each < scannedRowsMin) return null
  return {
    ...{ kind: 'scanned-table', certainty: 'hint', table: qualifiedName, object: null },
    title: `${qualifiedName} was read from end to end ${countText(sequentialScans, 'time')}`,
    why:
      `${numberText(Math.round(each))} rows each time, and ${countText(indexScans, 'time')} by an index. Which ` +
      'index would help depends on the statement: look at the plans of the slow ones. Where most rows are ' +
      'wanted, none would.',
    ...{ bytes: heapBytes, repair: null },
  }
}
