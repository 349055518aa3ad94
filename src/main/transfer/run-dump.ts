/**
 * A dump as a stream for a client: pieces of it, and how far it is between them. Knows no instance.
 */

import type { Clock } from '../../base/clock.ts'
import type { DumpEvent, DumpOptions, DumpReport, TransferProgress } from '../../contract/transfer.ts'
import { dumpArguments } from './dump-arguments.ts'
import { runPgDump } from './pg-dump-run.ts'
import type { ProtocolLink } from './protocol-link.ts'

export interface RunDumpOptions {
  readonly link: ProtocolLink
  readonly options: DumpOptions
  readonly signal: AbortSignal
  readonly clock: Clock
}

interface DumpChunk {
  readonly value: DumpEvent
  readonly buffers?: readonly ArrayBuffer[]
}

export async function* runDump(run: RunDumpOptions): AsyncGenerator<DumpChunk, DumpReport, void> {
  const { link, options, signal, clock } = run
  const startedAtMs = clock.monotonicMs()
  const remarks: string[] = []
  let progress: TransferProgress = { phase: 'schema', table: null, bytes: 0, bytesTotal: null }
  let told: TransferProgress | null = null
  const pieces = runPgDump({
    ...{ link, signal, arguments: dumpArguments(options) },
    onTable: (table) => (progress = { ...progress, phase: 'data', table }),
    onRemark: (text) => remarks.push(text),
  })
  for await (const piece of pieces) {
    for (const text of remarks.splice(0)) yield { value: { kind: 'notice', text } }
    progress = { ...progress, bytes: progress.bytes + piece.length }
    yield { value: { kind: 'data' }, buffers: [piece.buffer] }
    if (told !== progress) yield { value: { kind: 'progress', ...progress } }
    told = progress
  }
  for (const text of remarks.splice(0)) yield { value: { kind: 'notice', text } }
  return { bytes: progress.bytes, durationMs: Math.round(clock.monotonicMs() - startedAtMs) }
}
