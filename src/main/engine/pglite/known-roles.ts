/**
 * What the host knows of the roles of an engine: the worker's last look, and whether that is the newest. Knows no
 * message and no SQL.
 */

import type { Clock } from '../../../base/clock.ts'
import { fromWireError, type WorkbenchError } from '../../../contract/error.ts'
import type { EngineRole } from '../engine.ts'
import type { RoleLook } from './sessions/role-watch.ts'

export class KnownRoles {
  readonly #clock: Clock
  readonly #newestVersion: () => number
  /** Resolved when the next look is there. */
  #next = Promise.withResolvers<void>()
  #known: { readonly version: number; readonly roles: ReadonlyMap<string, EngineRole> } | null = null
  #failure: WorkbenchError | null = null

  constructor(clock: Clock, newestVersion: () => number) {
    this.#clock = clock
    this.#newestVersion = () => newestVersion()
  }

  take(version: number, { roles, error }: RoleLook): void {
    this.#failure = error && fromWireError({ code: 'sql-error', message: error.message, sql: error })
    if (roles) this.#known = { version, roles: new Map(roles.map((role) => [role.name, role])) }
    this.#announce()
  }

  /** As of Engine.roles. */
  async get(patienceMs: number): Promise<ReadonlyMap<string, EngineRole>> {
    if (!this.#failure && this.#known && this.#isNewest) return this.#known.roles
    let isPatient = true
    const patience = this.#clock.after(patienceMs, () => {
      isPatient = false
      this.#announce()
    })
    try {
      while (!this.#failure && (this.#known === null || (isPatient && !this.#isNewest)))
        await this.#next.promise
    } finally {
      patience.dispose()
    }
    if (this.#failure) throw this.#failure
    return this.#known?.roles ?? new Map<string, EngineRole>()
  }

  /** The engine has ended. */
  fail(error: WorkbenchError): void {
    this.#failure = error
    this.#announce()
  }

  get #isNewest(): boolean {
    return this.#known?.version === this.#newestVersion()
  }

  #announce(): void {
    this.#next.resolve()
    this.#next = Promise.withResolvers<void>()
  }
}
