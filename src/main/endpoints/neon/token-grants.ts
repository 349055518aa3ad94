/**
 * What a token opens: the role and the instance that whoever shows it is given, for as long as the token is good. One
 * place for both ways in, so that neither lets in more than the other. Knows no byte of either.
 */

import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import { admit, type Admitted } from '../postgres/log-in.ts'
import { refusal } from '../postgres/wire-failure.ts'
import type { TokenGrant, WebAccess } from '../web/web-access.ts'

/** What setTimeout takes; a token that is good for longer is looked at again then. */
const timerMsMax = 2 ** 31 - 1

const hint =
  'The password is a token of this endpoint, whatever the user is called: make one on the Endpoints page.'

/** Who wants to come in. */
export interface Caller {
  /** As the client calls it: for what it is told. */
  readonly user: string
  readonly token: string
  readonly address: string | null
}

export class TokenGrants {
  readonly #access: WebAccess
  readonly #clock: Clock

  constructor(access: WebAccess, clock: Clock) {
    this.#access = access
    this.#clock = clock
  }

  /** Throws 28P01 for what is no token that is good, 28000 where too many were not. */
  async grantOf({ user, token, address }: Caller): Promise<TokenGrant> {
    let grant: TokenGrant | null
    try {
      grant = await this.#access.authenticate(token, address)
    } catch (error) {
      if (!(error instanceof WorkbenchError) || error.code !== 'limit-exceeded') throw error
      throw refusal('28000', error.message, { cause: error })
    }
    if (grant !== null) return grant
    throw refusal('28P01', `password authentication failed for user "${user}"`, { hint })
  }

  /** Whom the grant lets into the database; throws 3D000, 28000, 42501. */
  async admit(grant: TokenGrant, database: string): Promise<Admitted> {
    const backend = await this.#access.backend(database, grant)
    const role = (await backend?.findRole(grant.role)) ?? null
    // Of a token's role it is the token that says that it may log in.
    const mayLogIn = role && { ...role, canLogin: true }
    const systemUser = `token:${grant.tokenId}`
    const watch = (stop: (error: Error) => void): Disposable => this.#watch(grant, stop)
    return admit({ backend, user: grant.role, role: mayLogIn, systemUser, early: null, watch }, database)
  }

  #watch({ tokenId, expiresAtMs }: TokenGrant, stop: (error: Error) => void): Disposable {
    const revoked = this.#access.onDidRevoke((event) => {
      if (event.tokenId === tokenId) stop(refusal('28000', 'the token was revoked'))
    })
    let timer: Disposable | null = null
    const look = (): void => {
      if (expiresAtMs === null) return
      const leftMs = expiresAtMs - this.#clock.nowMs()
      if (leftMs <= 0) stop(refusal('28000', 'the token has expired'))
      else timer = this.#clock.after(Math.min(leftMs, timerMsMax), look)
    }
    look()
    return {
      dispose() {
        revoked.dispose()
        timer?.dispose()
      },
    }
  }
}
