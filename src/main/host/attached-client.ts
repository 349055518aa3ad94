/**
 * One client of the host: what it has uploaded, which workspace and which sessions are its own. All of it ends
 * when its port closes. Knows no transport.
 */

import type { Clock } from '../../base/clock.ts'
import { onDispose, type Disposable } from '../../base/disposable.ts'
import type { ParamsOf, ResultOf } from '../../contract/contract-table.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { SessionState } from '../../contract/instance.ts'
import type { Tab } from '../../contract/workspace.ts'
import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import { Reply } from '../../rpc/handlers.ts'
import { runText, type RunChunk, type RunResult } from '../session/script-run.ts'
import type { Session } from '../session/session.ts'
import { encodeSql, type SqlText } from '../session/sql-text.ts'
import { TextUploads } from '../session/text-uploads.ts'
import type { HostParts } from './host-parts.ts'

type Row<N extends keyof WorkbenchContract> = ParamsOf<WorkbenchContract[N]>

export class AttachedClient {
  readonly #parts: HostParts
  readonly #clock: Clock
  readonly #uploads: TextUploads
  readonly #tracking: Disposable
  #isGone = false

  constructor(parts: HostParts) {
    this.#parts = parts
    this.#clock = parts.clock
    this.#uploads = new TextUploads(parts.clock)
    this.#tracking = onDispose('attached-client', () => this.#uploads.dispose())
  }

  openSession({ instanceId, title }: Row<'session.open'>): SessionState {
    if (this.#isGone) throw new WorkbenchError('disconnected', 'The client is gone')
    return this.#parts.sessions.open(this.#parts.all.home(instanceId), title, this).state
  }

  session(sessionId: string): Session {
    return this.#parts.sessions.get(sessionId, this)
  }

  closeSession(sessionId: string): Promise<void> {
    return this.#parts.sessions.close(sessionId, this)
  }

  upload({ textId, partIndex, isLast }: Row<'text.upload'>, [part]: readonly ArrayBuffer[]): void {
    const bytes = new Uint8Array(part ?? new ArrayBuffer(0))
    this.#uploads.add(textId, { index: partIndex, isLast, bytes })
  }

  async *run(params: Row<'statement.run'>, signal: AbortSignal): AsyncGenerator<RunChunk, RunResult, void> {
    const { parser: splitter } = this.#parts
    const environment = { session: this.session(params.sessionId), splitter, clock: this.#clock, signal }
    const request = {
      text: await this.takeText(params.source),
      mode: params.mode,
      resultBytesMax: params.resultBytesMax,
      resultsMax: params.resultsMax,
      ...(params.useCache ? { useCache: params.useCache } : {}),
    }
    return yield* runText(environment, request)
  }

  async claimWorkspace({
    preferredId,
  }: Row<'workspace.claim'>): Promise<ResultOf<WorkbenchContract['workspace.claim']>> {
    const workspace = await this.#parts.workspaces.claim(this, preferredId)
    // The client may have gone while it waited.
    if (this.#isGone) this.#parts.workspaces.release(this)
    return workspace
  }

  /** Throws `conflict` until a workspace was claimed. */
  get workspaceId(): string {
    return this.#parts.workspaces.of(this)
  }

  async readTab({ tabId }: Row<'tab.read'>): Promise<Reply<Tab>> {
    const { workspaceId } = this
    const { value, buffers } = await this.#parts.storage.callWithBuffers('tab.read', { workspaceId, tabId })
    return new Reply(value, buffers)
  }

  async replaceText({ tabId, textId }: Row<'tab.replaceText'>): Promise<{ readonly version: number }> {
    const { workspaceId } = this
    const { buffer } = await this.#uploads.takeBytes(textId)
    const { value } = await this.#parts.storage.callWithBuffers('tab.replaceText', { workspaceId, tabId }, [
      buffer,
    ])
    return value
  }

  /** The port has closed. Idempotent. */
  async end(): Promise<void> {
    if (this.#isGone) return
    this.#isGone = true
    this.#tracking.dispose()
    this.#parts.workspaces.release(this)
    await this.#parts.sessions.closeOwnedBy(this)
  }

  /** The text that a request brings, or that was uploaded before it. */
  async takeText(source: Row<'statement.run'>['source']): Promise<SqlText> {
    return source.kind === 'inline' ? encodeSql(source.text) : this.#uploads.takeSql(source.textId)
  }
}
