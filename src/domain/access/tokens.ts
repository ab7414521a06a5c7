// Finding the token a program comes in with. Everything is read again at each request: the token,
// whoever made it and their place in the workspace, so what ends one of them ends the token at its
// next use.

import { findWorkspace } from '#domain/workspaces/actions.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import { MINUTE, type Instant } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { findSecondFactors, hasSecondFactor } from './factors.ts'
import type { Role, Flag } from './permission.ts'
import { flagsOf } from './person.ts'
import { systemCaller } from './system.ts'
import { isTokenText, parseToken, tokenState, type ApiToken, type StoredToken } from './token.ts'
import { findToken, selectUnendedTokens, setTokenRevoked, setTokenUsed } from './token-store.ts'
import { findMembership, findUser } from './user-store.ts'

/** When the time of use is written again. */
const TOUCH_MS = MINUTE

/** A good token with the person behind it, as they are now. */
export interface TokenHolder {
  readonly token: ApiToken
  readonly name: string
  readonly role: Role
  readonly flags: readonly Flag[]
}

/** Why a genuine token opens nothing. For the audit log: the answer is the same for all. */
export type DeadReason = 'expired' | 'revoked' | 'maker_left' | 'no_second_factor' | 'other_network'

export interface DeadToken {
  readonly kind: 'dead'
  readonly token: ApiToken
  readonly reason: DeadReason
}

export type FoundToken = { readonly kind: 'live'; readonly holder: TokenHolder } | DeadToken

export type TokenHouse = Pick<House, 'db' | 'clock' | 'random' | 'keys' | 'log'>

export class Tokens {
  readonly #house: TokenHouse
  /** The latest instant seen: a clock behind it must not revive what has expired. */
  #latest: Instant

  constructor(house: TokenHouse) {
    this.#house = house
    this.#latest = house.clock.now()
  }

  /**
   * Undefined for what this installation never made. `isWithin` says whether the program calls from
   * one of these networks. Finding a live one counts as use.
   */
  async find(
    text: string,
    isWithin: (networks: readonly string[]) => boolean,
  ): Promise<FoundToken | undefined> {
    const { db, keys } = this.#house
    const named = parseToken(text)
    if (!named) return undefined
    const reader = db.read(systemCaller(this.#house, 'tokens').scope)
    const stored = await findToken(reader, keys.purpose('row-mac'), named.id)
    if (!stored || !isTokenText(keys.purpose('token-pepper'), stored, text)) return undefined
    const token = withoutHash(stored)
    const now = this.#now()
    const state = tokenState(token, now)
    if (state !== 'live') return { kind: 'dead', token, reason: state }
    const holder = await this.#findHolder(token)
    if (!holder) return { kind: 'dead', token, reason: 'maker_left' }
    if (await this.#lacksFactor(token)) return { kind: 'dead', token, reason: 'no_second_factor' }
    if (token.networks.length > 0 && !isWithin(token.networks)) {
      return { kind: 'dead', token, reason: 'other_network' }
    }
    if (token.usedAt === null || now - token.usedAt >= TOUCH_MS) await this.#touch(token, now)
    return { kind: 'live', holder }
  }

  /** For streams that outlive their request. Does not count as use. */
  async isLive({ id }: Pick<ApiToken, 'id'>): Promise<boolean> {
    const reader = this.#house.db.read(systemCaller(this.#house, 'tokens').scope)
    const token = await findToken(reader, this.#house.keys.purpose('row-mac'), id)
    if (!token || tokenState(token, this.#now()) !== 'live') return false
    if ((await this.#findHolder(token)) === undefined) return false
    return !(await this.#lacksFactor(token))
  }

  /**
   * The clock was set back from `mark`: what had expired by then stays so. Rejects when it could not
   * be stored. No entry of the log: nothing ends that had not ended.
   */
  async endExpired(mark: Instant): Promise<void> {
    if (mark > this.#latest) this.#latest = mark
    const caller = systemCaller(this.#house, 'tokens')
    const key = this.#house.keys.purpose('row-mac')
    await this.#house.db.write(caller, async (tx) => {
      for (const token of await selectUnendedTokens(tx, key)) {
        if (token.expiresAt <= mark) await setTokenRevoked(tx, key, token, token.expiresAt)
      }
      tx.afterCommit(() => {
        this.#latest = caller.now
      })
    })
  }

  /**
   * Undefined once they were suspended, erased or left the workspace, and while it is suspended. A
   * service token is its own holder and outlives whoever made it.
   */
  async #findHolder(token: ApiToken): Promise<TokenHolder | undefined> {
    const { db, keys } = this.#house
    const { scope } = systemCaller(this.#house, 'tokens', undefined, token.workspaceId)
    const key = keys.purpose('row-mac')
    const workspace = await findWorkspace(db.read(scope), token.workspaceId)
    if (workspace?.suspendedAt !== null) return undefined
    if (token.serviceRole !== null) {
      return { token, name: token.name, role: token.serviceRole, flags: [] }
    }
    const user = await findUser(db.read(scope), key, token.userId)
    if (user?.state !== 'active') return undefined
    const member = await findMembership(db.read(scope), key, scope, token.userId)
    return member && { token, name: user.name, role: member.role, flags: flagsOf(member) }
  }

  /** True for whoever has no second factor, where the workspace demands one of its members. */
  async #lacksFactor({ workspaceId, userId, serviceRole }: ApiToken): Promise<boolean> {
    if (serviceRole !== null) return false
    const inside = systemCaller(this.#house, 'tokens', undefined, workspaceId)
    if (!(await readPolicy(this.#house, inside)).policy.secondFactor) return false
    return !hasSecondFactor(await findSecondFactors(this.#house, inside, userId))
  }

  // A volume that is full must not keep a program from reading.
  async #touch({ id }: ApiToken, now: Instant): Promise<void> {
    const { db, log } = this.#house
    await db
      .write(systemCaller(this.#house, 'tokens'), (tx) => setTokenUsed(tx, id, now))
      .catch((err: unknown) => log.warn({ err }, 'the use of a token could not be stored'))
  }

  #now(): Instant {
    const now = this.#house.clock.now()
    if (now > this.#latest) this.#latest = now
    return this.#latest
  }
}

function withoutHash({ salt: _salt, hash: _hash, ...token }: StoredToken): ApiToken {
  return token
}
