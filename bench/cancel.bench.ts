/**
 * `npm run bench -- cancel [--json] [--check] [--rounds N]`: how long a running statement takes to end once its
 * cancel is asked for, in eight parts of Postgres and in pg_sleep, on a durable directory. After each, the same
 * session must answer the next statement rightly. The bar: every one ends with 57014 within 50 ms.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { StatementOutcome } from '../src/contract/statement.ts'
import type { Engine } from '../src/main/engine/engine.ts'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import { longStatementSetup, longStatements, sleepingStatements } from '../test/support/long-statements.ts'
import { median } from './median.ts'

const barMs = 50
/** The statement must be deep in its work, not beginning. */
const runsBeforeMs = 250

interface Attempt {
  readonly milliseconds: number
  readonly endedAsAsked: boolean
  readonly sessionKept: boolean
}

interface Line {
  readonly statement: string
  readonly isCounted: boolean
  readonly attempts: readonly Attempt[]
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '10' },
  },
})
const rounds = Number(values.rounds)
const home = mkdtempSync(join(tmpdir(), 'wardian-bench-cancel-'))
const factory = new PgliteEngineFactory({ templatesDirectory: join(tmpdir(), 'wardian-bench-templates') })

try {
  const engine = await factory.open({ directory: join(home, 'data'), durability: 'durable' })
  for (const sql of [...longStatementSetup, `set application_name to 'the same session'`])
    await outcomeOf(engine, sql)
  const lines: Line[] = []
  for (const [index, { name, sql }] of [...longStatements, ...sleepingStatements].entries()) {
    const attempts: Attempt[] = []
    for (let round = 0; round < rounds; round += 1) attempts.push(await attempt(engine, sql))
    lines.push({ statement: name, isCounted: index < longStatements.length, attempts })
    if (!values.json) printLine(lines.at(-1))
  }
  await engine.close()
  report(lines)
} finally {
  await factory.dispose()
  rmSync(home, { recursive: true, force: true })
}

async function attempt(engine: Engine, sql: string): Promise<Attempt> {
  const ended = outcomeOf(engine, sql)
  await pause(runsBeforeMs)
  const askedMs = performance.now()
  const cancelling = engine.cancel()
  const outcome = await ended
  const milliseconds = performance.now() - askedMs
  await cancelling
  const next = await outcomeOf(
    engine,
    `select 1 / (current_setting('application_name') = 'the same session')::int`,
  )
  return {
    milliseconds,
    endedAsAsked: outcome.status === 'cancelled' && outcome.error?.sql?.code === '57014',
    sessionKept: next.status === 'ok' && next.rowCount === 1,
  }
}

async function outcomeOf(engine: Engine, sql: string): Promise<StatementOutcome> {
  const statement = { sql: new TextEncoder().encode(sql), parameters: [], resultBytesMax: 1 << 20 }
  let outcome: StatementOutcome | null = null
  for await (const event of engine.execute(statement)) if (event.kind === 'completed') ({ outcome } = event)
  if (!outcome) throw new Error(`No outcome: ${sql}`)
  return outcome
}

function isGood(each: Attempt): boolean {
  return each.endedAsAsked && each.sessionKept && each.milliseconds <= barMs
}

function summary(line: Line): { good: number; medianMs: number; worstMs: number } {
  const times = line.attempts.map((each) => each.milliseconds)
  return {
    good: line.attempts.filter(isGood).length,
    medianMs: median(times),
    worstMs: Math.max(...times),
  }
}

function printLine(line: Line | undefined): void {
  if (!line) return
  const { good, medianMs, worstMs } = summary(line)
  const name = line.statement.padEnd(28)
  console.log(
    `${name}${good} of ${rounds}   median ${medianMs.toFixed(1)} ms, worst ${worstMs.toFixed(1)} ms`,
  )
}

function report(lines: readonly Line[]): void {
  const counted = lines.filter((line) => line.isCounted).flatMap((line) => line.attempts)
  const good = counted.filter(isGood).length
  const worstMs = Math.max(...counted.map((each) => each.milliseconds))
  if (values.json) {
    const statements = lines.map((line) => ({ statement: line.statement, rounds, ...summary(line) }))
    console.log(JSON.stringify({ bench: 'cancel', barMs, good, total: counted.length, worstMs, statements }))
  } else {
    const worst = `worst ${worstMs.toFixed(1)} ms`
    console.log(
      `${good} of ${counted.length} ended with 57014 within ${barMs} ms, the session kept; ${worst}`,
    )
  }
  if (values.check && good < counted.length) process.exitCode = 1
}
