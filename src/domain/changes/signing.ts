// Who may sign a change, decided inside of the write that signs it: nobody who had a hand in what it
// deploys, by whichever door they had it, and nobody whose account such a person made lately. And the
// signature itself: a statement that the key of the log signs, to be proved later and by others.

import { isAnswerTo, type PasskeyProof } from '#domain/access/assertions.ts'
import {
  isPersonalToken,
  listHolders,
  listMakersOf,
  MADE_DAYS,
  peopleBehind,
  type Asking,
} from '#domain/access/signers.ts'
import { findPlacement } from '#domain/placements/actions.ts'
import { listMakers } from '#domain/rules/makers.ts'
import type { Actor } from '#kernel/actor.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, isId, type ChangeId, type UserId } from '#kernel/id.ts'
import { canonicalJson } from '#kernel/json.ts'
import { formatInstant, type Instant } from '#kernel/time.ts'
import { listActorsOn } from '#platform/audit/actors.ts'
import { isSignedStatement, signStatement } from '#platform/audit/statement.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { ChangePolicy, ChangeSignature, Signer } from './change.ts'
import type { StoredChange, StoredItem, StoredSignature } from './store.ts'

/** People who had a hand in the change, each with the first reason that is found. */
export type Hands = ReadonlyMap<UserId, string>

/** Of the author, the editors, and whoever made what it is made of since what stands there was signed. */
export async function findHands(
  asking: Asking,
  house: House,
  change: Pick<StoredChange, 'author' | 'createdBy' | 'editors'>,
  items: readonly StoredItem[],
  now: Instant,
): Promise<Hands> {
  const hands = new Map<UserId, string>()
  const add = (people: Iterable<UserId>, why: string) => {
    for (const one of people) if (!hands.has(one)) hands.set(one, why)
  }
  const openers = [change.createdBy, ...(change.author ? [change.author] : [])]
  add(await peopleBehind(asking, house, openers), 'They opened this change.')
  add(change.editors, 'They edited this change.')
  const { db, scope, run } = asking
  const makers = new Set<Actor>()
  const actions = ['target.change']
  for (const { ruleId, targetId } of items) {
    const placement = await findPlacement(db, scope, { ruleId, targetId })
    const standing = placement ? { version: placement.version, since: placement.since } : null
    const found = await listMakers(db, scope, now, { ruleId, targetId, standing })
    const since = standing?.since ?? (0 as Instant)
    const settlers = await run(
      listActorsOn(scope.workspaceId, { target: targetId, actions, since }),
    )
    for (const actor of [...found, ...settlers]) makers.add(actor)
  }
  const made = await peopleBehind(asking, house, [...makers])
  add(made, 'They made or changed part of what it deploys.')
  return hands
}

/** Null for who may sign. */
export async function whyNotSign(
  asking: Asking,
  house: House,
  change: Pick<StoredChange, 'author' | 'editors'>,
  hands: Hands,
  { userId, now }: { readonly userId: UserId; readonly now: Instant },
): Promise<string | null> {
  const own = hands.get(userId)
  if (own !== undefined) return own
  const makers = await listMakersOf(asking, house, { userId, now })
  const asks = [...(change.author ? [change.author] : []), ...change.editors]
  if (!asks.some((one) => makers.has(one))) return null
  return `Whoever made this change made or reset their account within the last ${MADE_DAYS} days.`
}

/** Everybody who holds the verb, by name. */
export async function listSigners(
  asking: Asking,
  house: House,
  change: StoredChange,
  items: readonly StoredItem[],
  now: Instant,
): Promise<readonly Signer[]> {
  const holders = await listHolders(asking.db, house, asking.scope, 'change.sign')
  const hands = await findHands(asking, house, change, items, now)
  const signers: Signer[] = []
  for (const { userId, name } of holders) {
    const whyNot = await whyNotSign(asking, house, change, hands, { userId, now })
    signers.push({ userId, name, whyNot })
  }
  return signers
}

/** The person who signs. Throws `forbidden` for whoever is no person at a screen, by the policy. */
export async function requirePerson(
  asking: Asking,
  house: House,
  { actor, onBehalfOf }: Caller,
  { tokensMaySign }: Pick<ChangePolicy, 'tokensMaySign'>,
): Promise<UserId> {
  if (isId(ID_PREFIXES.user, actor)) return actor
  const isAllowed = tokensMaySign && (await isPersonalToken(asking, house, actor))
  if (isAllowed && onBehalfOf !== undefined) return onBehalfOf
  throw new AppError('forbidden', 'A change is signed by a person, in a browser.')
}

interface Signed extends Omit<ChangeSignature, 'isPasskey' | 'voidedBecause'> {
  readonly changeId: ChangeId
  readonly title: string
  readonly passkey: PasskeyProof | null
}

export function makeSignature(
  house: House,
  { scope }: Caller,
  { changeId, title, passkey, ...signed }: Signed,
): StoredSignature {
  const { userId, name, decision, hash, comment, at } = signed
  const statement = canonicalJson({
    version: 1,
    workspace: scope.workspaceId,
    change: { id: changeId, title, hash },
    signer: { id: userId, name },
    decision,
    comment,
    at: formatInstant(at),
    passkey: passkey && { ...passkey },
  })
  return {
    ...signed,
    voidedBecause: null,
    isPasskey: passkey !== null,
    passkey,
    statement,
    ...signStatement(house.keys.audit, 'change-signature', statement),
  }
}

/** Those that nobody wrote into the file: each is signed, and says what stands beside it. */
export function genuine(
  house: House,
  changeId: ChangeId,
  signatures: readonly StoredSignature[],
): readonly StoredSignature[] {
  return signatures.filter((one) => {
    if (!isSignedStatement(house.keys.audit, 'change-signature', one.statement, one)) return false
    const said = JSON.parse(one.statement) as {
      readonly change: { readonly id: string; readonly hash: string }
      readonly signer: { readonly id: string }
      readonly decision: string
      readonly passkey: unknown
    }
    return (
      said.change.id === changeId &&
      said.change.hash === one.hash &&
      said.signer.id === one.userId &&
      said.decision === one.decision &&
      (said.passkey !== null) === one.isPasskey
    )
  })
}

/** Whether it is signed as it stands, and its passkey answered to that hash. */
export async function isSound(
  house: House,
  changeId: ChangeId,
  signature: StoredSignature,
): Promise<boolean> {
  if (genuine(house, changeId, [signature]).length === 0) return false
  return signature.passkey === null || isAnswerTo(signature.hash, signature.passkey)
}
