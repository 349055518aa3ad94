/**
 * Cases of the session suite. A case is a script of steps over several clients; all that the server sent, in the
 * order in which the script read it, is its transcript, and the transcript of the server under test must equal
 * native's. Where there is no other server the case runs on native twice: what native does not repeat is no case.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTarget, connected, hasOtherTarget, type WireTarget } from './wire-target.ts'
import { WireStage } from './wire-stage.ts'
import type { WireClient } from './wire-client.ts'

/** Where one backend cannot do as native does: why, and what it must do instead. */
export interface OneBackend {
  readonly reason: string
  /** Throws unless the transcript is what the documentation promises. */
  expectation(transcript: readonly string[]): void
}

export interface CaseOptions {
  readonly oneBackend?: OneBackend
  /** Once is enough for what is long, or its own oracle. */
  readonly isOnce?: boolean
  readonly timeoutMs?: number
}

export type CaseBody = (stage: WireStage) => Promise<void>

export interface WireSuite {
  case(title: string, body: CaseBody, options?: CaseOptions): void
}

interface Bench {
  readonly target: WireTarget
  /** Another one after a case that failed, which may have left it waiting for an answer. */
  admin: WireClient
}

const CASE_TIMEOUT_MS = 60_000
/** Two servers start, one of them with an initdb, on a machine that may be busy with something else. */
const SERVERS_TIMEOUT_MS = 240_000
/** Of a file's name. */
const NAME_CHARACTERS_MAX = 120

/** Opens the servers for this file, and registers cases. */
export function wireSuite(): WireSuite {
  const benches: Bench[] = []
  beforeAll(async () => {
    for (const kind of hasOtherTarget() ? (['native', 'target'] as const) : (['native'] as const)) {
      const target = await openTarget(kind)
      benches.push({ target, admin: await connected(target.address) })
    }
  }, SERVERS_TIMEOUT_MS)
  afterAll(async () => {
    for (const { target, admin } of benches) {
      if (!admin.isSpent) await admin.terminate()
      await target.close()
    }
  }, SERVERS_TIMEOUT_MS)
  return {
    case(title, body, options = {}) {
      const timeout = options.timeoutMs ?? CASE_TIMEOUT_MS
      it(title, { timeout }, async () => {
        const { actual, expected } = await compare(benches, body, options)
        keep(title, expected)
        expect(actual).toEqual(expected)
      })
    },
  }
}

interface Comparison {
  readonly actual: readonly string[]
  readonly expected: readonly string[]
}

async function compare(benches: readonly Bench[], body: CaseBody, options: CaseOptions): Promise<Comparison> {
  const [native, other] = benches
  if (!native) throw new Error('There is no native server')
  const expected = await runOn(native, body)
  if (!other) return { actual: options.isOnce ? expected : await runOn(native, body), expected }
  const actual = await runOn(other, body)
  if (!options.oneBackend || other.target.features.isConcurrent) return { actual, expected }
  options.oneBackend.expectation(actual)
  return { actual, expected: actual }
}

/** Native's transcripts, for those who build what is compared with them. */
function keep(title: string, transcript: readonly string[]): void {
  const folder = process.env['WARDIAN_WIRE_TRANSCRIPTS']
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  const name = title.replaceAll(/[^\w]+/g, '-').slice(0, NAME_CHARACTERS_MAX)
  writeFileSync(join(folder, `${name}.txt`), `${title}\n\n${transcript.join('\n')}\n`)
}

async function runOn(bench: Bench, body: CaseBody): Promise<readonly string[]> {
  const { target } = bench
  if (bench.admin.isSpent) bench.admin = await connected(target.address)
  const stage = new WireStage(target, bench.admin)
  try {
    await stage.clear()
    await body(stage)
    await stage.leave()
    return stage.transcript
  } catch (error) {
    bench.admin.abandon()
    if (error instanceof Error)
      error.message += `\n\nTranscript on ${target.name}:\n${stage.transcript.join('\n')}`
    throw error
  } finally {
    stage.dispose()
  }
}
