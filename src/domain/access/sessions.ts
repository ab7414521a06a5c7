// Starting, finding and ending sessions. Each request reads the row again, so ending one takes effect
// at the next request, on every device. Only digests of the cookies are stored, and nothing of them
// reaches a log.

import type { KeyObject } from 'node:crypto'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import { AppError } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import {
  ID_PREFIXES,
  INSTANCE_WORKSPACE,
  makeId,
  type UserId,
  type WorkspaceId,
} from '#kernel/id.ts'
import { addMs, MINUTE, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { CLOCK_SLACK_MS } from '#platform/clock-mark.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { damageOf } from '#platform/keys/row-mac.ts'
import { openEnvelope, sealEnvelope } from './envelope.ts'
import type { Person } from './person.ts'
import {
  hasProvedLately,
  hasProvedSecond,
  isLive,
  wallOf,
  SESSION_LIMITS,
  type Factor,
  type Session,
  type SessionLimits,
  type SessionRow,
} from './session.ts'
import {
  deleteAllSessions,
  deleteEndedSessions,
  deleteOldestSessions,
  deleteSession,
  findSession,
  findSessionById,
  insertSession,
  selectSessionsOf,
  touchSession,
} from './session-store.ts'
import { systemCaller } from './system.ts'
import { findUser, selectMembershipsOf } from './user-store.ts'

/** When the time of use is written again: reading a page must not cost a write each time. */
const TOUCH_MS = MINUTE

const NOTICES_MAX = 10_000

/** Cookies remembered as opened; then all are forgotten and opened again. */
const OPENED_MAX = 5_000

const SCOPE = makeScope(INSTANCE_WORKSPACE)

/** More browsers than one person has. The one longest unused gives way, so nobody is kept out. */
const SESSIONS_PER_PERSON_MAX = 20

export type SessionHouse = Pick<House, 'db' | 'clock' | 'random' | 'keys' | 'log'>

export interface NewSession {
  readonly userId: UserId
  readonly factors: readonly Factor[]
  readonly userAgent?: string
  readonly ip?: string
  readonly deviceKey?: string | null
  /** By whose word it begins. */
  readonly by?: ProvidedBy | undefined
}

export type ProvidedBy = Pick<
  SessionRow,
  'providerId' | 'providerSession' | 'onlyWorkspaceId' | 'endsAt'
>

const OWN_WORD: ProvidedBy = {
  providerId: null,
  providerSession: null,
  onlyWorkspaceId: null,
  endsAt: null,
}

export class Sessions {
  readonly #house: SessionHouse
  readonly #limits: SessionLimits
  readonly #clockFellBack: () => void
  readonly #notices = new Map<string, string>()
  /** Row keys by the digest of the cookie that leads to them. */
  readonly #opened = new Map<string, string>()
  #openedUnder: KeyObject | undefined
  /** The latest instant seen: a clock behind it must not revive what has ended. */
  #latest: Instant
  /** Everybody was shown out, but the rows may still say otherwise. */
  #ending: Promise<void> | undefined

  constructor(
    house: SessionHouse,
    options: {
      readonly limits?: SessionLimits
      /** Told after everybody was signed out, before anybody comes in again. */
      readonly clockFellBack?: () => void
    } = {},
  ) {
    this.#house = house
    this.#limits = options.limits ?? SESSION_LIMITS
    this.#clockFellBack = options.clockFellBack ?? (() => {})
    this.#latest = house.clock.now()
  }

  /** Makes a session within a write that has just proved who comes in. `cookie` is its value. */
  async startIn(
    tx: Tx,
    now: Instant,
    given: NewSession,
  ): Promise<{ cookie: string; row: SessionRow }> {
    const { keys, random } = this.#house
    const value = random(32).toString('base64url')
    const row: SessionRow = {
      key: sha256Hex(value),
      id: makeId(ID_PREFIXES.session, now, random(10)),
      userId: given.userId,
      factors: given.factors,
      startedAt: now,
      usedAt: now,
      provedAt: now,
      deviceKey: given.deviceKey ?? null,
      userAgent: (given.userAgent ?? '').slice(0, 300),
      ip: given.ip ?? '',
      ...(given.by ?? OWN_WORD),
    }
    await insertSession(tx, keys.purpose('row-mac'), row)
    await deleteOldestSessions(tx, row, SESSIONS_PER_PERSON_MAX)
    await deleteEndedSessions(tx, {
      usedAt: addMs(now, -this.#limits.idleMs),
      startedAt: addMs(now, -this.#limits.absoluteMs),
      now,
    })
    return { cookie: sealEnvelope(keys.purpose('session'), keys.installId, value), row }
  }

  /** As startIn, in a write of its own. */
  async start(caller: Caller, given: NewSession): Promise<string> {
    const now = await this.now()
    return this.#house.db.write(caller, async (tx) => (await this.startIn(tx, now, given)).cookie)
  }

  /**
   * Gives a session a new secret and cookie, because what it may do has grown: whoever had the old
   * one has nothing. Its id stays, so that the streams of its pages go on.
   */
  async renewIn(
    tx: Tx,
    now: Instant,
    session: SessionRow,
    factors: readonly Factor[],
  ): Promise<string> {
    const { keys, random } = this.#house
    const value = random(32).toString('base64url')
    const { id, userId, startedAt, deviceKey, userAgent, ip } = session
    const { providerId, providerSession, onlyWorkspaceId, endsAt } = session
    const ended = await deleteSession(tx, session.key)
    if (ended === 0) throw new AppError('unauthenticated', 'Sign in to go on.')
    await insertSession(tx, keys.purpose('row-mac'), {
      key: sha256Hex(value),
      id,
      userId,
      factors: [...new Set([...session.factors, ...factors])],
      startedAt,
      usedAt: now,
      provedAt: now,
      deviceKey,
      userAgent,
      ip,
      providerId,
      providerSession,
      onlyWorkspaceId,
      endsAt,
    })
    return sealEnvelope(keys.purpose('session'), keys.installId, value)
  }

  /** The live session of a cookie, with the person as they are now; finding it counts as use. */
  async find(cookie: string | undefined): Promise<Session | undefined> {
    if (cookie === undefined) return undefined
    const key = this.#openCookie(cookie)
    if (key === undefined) return undefined
    const now = await this.now()
    const row = await this.#live(key, now)
    const person = row && (await this.#findPerson(row))
    if (!person) return undefined
    if (now - row.usedAt >= TOUCH_MS) await this.#touch(row.key, now)
    return this.#open(row, person)
  }

  /**
   * For streams that outlive their request: whether it goes on, and leads into `workspaceId` still.
   * Does not count as use.
   */
  async isLive(session: SessionRow, workspaceId?: WorkspaceId): Promise<boolean> {
    const row = await findSessionById(this.#reader(), session.id)
    const now = await this.now()
    if (row?.userId !== session.userId || !isLive(row, now, this.#limits)) return false
    const person = await this.#findPerson(row)
    if (!person || workspaceId === undefined) return person !== undefined
    if (!person.memberships.some((one) => one.workspaceId === workspaceId)) return false
    const inside = systemCaller(this.#house, 'sessions', undefined, workspaceId)
    return hasProvedSecond(row) || !(await readPolicy(this.#house, inside)).policy.secondFactor
  }

  /**
   * Whether somebody proved who they are within the last minutes, in any of their live sessions that
   * leads into this workspace.
   */
  async hasProvedLately(userId: UserId, workspaceId: WorkspaceId): Promise<boolean> {
    const rows = await selectSessionsOf(this.#reader(), userId)
    const now = await this.now()
    return rows.some((row) => {
      const leadsThere = [null, workspaceId].includes(wallOf(row))
      return leadsThere && isLive(row, now, this.#limits) && hasProvedLately(row, now)
    })
  }

  async revoke(caller: Caller, session: SessionRow): Promise<void> {
    await this.#house.db.write(caller, (tx) => this.revokeIn(tx, session))
  }

  /** By its id: a proof that came in between has given it another key. */
  async revokeIn(tx: Tx, { id }: SessionRow): Promise<void> {
    const row = await findSessionById(tx, id)
    if (row) await deleteSession(tx, row.key)
  }

  /** Everybody, at once; `find` waits for it. Rejects when it could not be stored. */
  revokeAll(): Promise<void> {
    const caller = systemCaller(this.#house, 'sessions')
    const ended = this.#house.db.write(caller, async (tx) => {
      await deleteAllSessions(tx)
      tx.afterCommit(() => {
        if (this.#ending === ended) this.#ending = undefined
      })
    })
    this.#ending = ended
    this.#notices.clear()
    return ended
  }

  async #live(key: string, now: Instant): Promise<SessionRow | undefined> {
    const row = await this.#read(key)
    return row && isLive(row, now, this.#limits) ? row : undefined
  }

  // One that was edited in the file is refused once and gone, so that its browser can come in again.
  async #read(key: string): Promise<SessionRow | undefined> {
    try {
      return await findSession(this.#reader(), this.#house.keys.purpose('row-mac'), key)
    } catch (error) {
      if (damageOf(error)) {
        const caller = systemCaller(this.#house, 'sessions')
        await this.#house.db.write(caller, (tx) => deleteSession(tx, key))
      }
      throw error
    }
  }

  /** Undefined for somebody who was suspended or erased since. Without what lies beyond its wall. */
  async #findPerson(session: SessionRow): Promise<Person | undefined> {
    const { userId } = session
    const key = this.#house.keys.purpose('row-mac')
    const user = await findUser(this.#reader(), key, userId)
    if (user?.state !== 'active') return undefined
    const memberships = await selectMembershipsOf(this.#reader(), key, userId)
    const { name, email, isOwner } = user
    const person = { userId, name, email, isOwner, memberships, hasMore: false }
    const wall = wallOf(session)
    return wall === null ? person : behind(wall, person)
  }

  #reader() {
    return this.#house.db.read(SCOPE)
  }

  // Opening an envelope costs as much as the queries behind it, and a page asks with the same cookie
  // again and again. Kept by digest, so that no cookie lies in memory; a new master secret forgets all.
  #openCookie(cookie: string): string | undefined {
    const { keys } = this.#house
    const key = keys.purpose('session')
    if (key !== this.#openedUnder) {
      this.#opened.clear()
      this.#openedUnder = key
    }
    const digest = sha256Hex(cookie)
    const known = this.#opened.get(digest)
    if (known !== undefined) return known
    const value = openEnvelope(key, keys.installId, cookie)
    if (value === undefined) return undefined
    if (this.#opened.size >= OPENED_MAX) this.#opened.clear()
    const rowKey = sha256Hex(value)
    this.#opened.set(digest, rowKey)
    return rowKey
  }

  // A volume that is full must not keep anybody from reading.
  async #touch(key: string, now: Instant): Promise<void> {
    const { db, log } = this.#house
    const caller = systemCaller(this.#house, 'sessions')
    await db
      .write(caller, (tx) => touchSession(tx, key, now))
      .catch((err: unknown) => log.warn({ err }, 'the use of a session could not be stored'))
  }

  #open(row: SessionRow, person: Person): Session {
    const notices = this.#notices
    return {
      ...row,
      person,
      get notice() {
        return notices.get(row.key) ?? null
      },
      set notice(text) {
        if (text === null) notices.delete(row.key)
        else if (notices.size < NOTICES_MAX) notices.set(row.key, text)
      },
    }
  }

  /** The present, once everybody was shown out when the clock has fallen back. */
  async now(): Promise<Instant> {
    const now = this.#house.clock.now()
    const isBehind = now < this.#latest - CLOCK_SLACK_MS
    if (!isBehind && now < this.#latest) return this.#latest
    this.#latest = now
    if (isBehind) {
      const ended = this.revokeAll()
      this.#clockFellBack()
      await ended
    } else if (this.#ending) {
      // Under way: wait. Failed: until it has been stored, nobody is let in.
      await this.#ending.catch(() => this.revokeAll())
    }
    return now
  }
}

function behind(wall: WorkspaceId, person: Person): Person {
  const memberships = person.memberships.filter(({ workspaceId }) => workspaceId === wall)
  const hasMore = person.isOwner || memberships.length < person.memberships.length
  return { ...person, memberships, isOwner: false, hasMore }
}
