// What stood where at an instant: looked up, page by page, and taken along as one signed file.

import { permit, type Role } from '#domain/access/permission.ts'
import { getChange } from '#domain/changes/actions.ts'
import type { ChangeWhole } from '#domain/changes/change.ts'
import { findLooks, listSpansAt } from '#domain/placements/history.ts'
import type { SpanWithBody } from '#domain/placements/placement.ts'
import { listExclusionsOver } from '#domain/rules/exclusions/actions.ts'
import type { Exclusion } from '#domain/rules/exclusions/exclusion.ts'
import { AppError } from '#kernel/error.ts'
import type { DeploymentId, TargetId, UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { readPage, type Page } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { AsOf, AsOfChange, AsOfExclusion } from './as-of.ts'
import { roleAt } from './as-of-log.ts'
import { findFoundAt, findDependenciesAt } from './as-of-store.ts'
import { getDeploymentRow } from './store.ts'

export interface AsOfWanted {
  readonly at: Instant
  readonly targetId?: TargetId | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** By title of the rule. Throws `invalid` for an instant that is still to come. */
export async function asOf(house: House, asker: Caller, wanted: AsOfWanted): Promise<Page<AsOf>> {
  permit(asker, 'deployment.read')
  const caller = reading(asker)
  const { at, targetId, limit, cursor } = wanted
  if (at > caller.now) throw new AppError('invalid', 'That instant is still to come.')
  const { scope } = caller
  const page = await readPage({
    key: house.keys.purpose('cursor'),
    binding: { workspaceId: scope.workspaceId, list: 'as-of', at, targetId: targetId ?? null },
    limit,
    cursor,
    placeOf: ({ sortTitle, ruleId, targetId: target }: SpanWithBody) =>
      [sortTitle, ruleId, target] as const,
    select: (part) => listSpansAt(house, caller, { at, targetId, ...part }),
  })
  const ruleIds = [...new Set(page.items.map(({ ruleId }) => ruleId))]
  const over = await listExclusionsOver(house, caller, ruleIds)
  const teller = new Teller(house, caller, at)
  const items: AsOf[] = []
  for (const span of page.items) {
    items.push(await teller.tell(span, standingAt(at, over.get(span.ruleId) ?? [])))
  }
  return { items, next: page.next }
}

/** Who reads what was deployed reads what it was made of, whatever scopes their token has. */
function reading(caller: Caller): Caller {
  const verbs = ['rule.read', 'change.read', 'exclusion.read'] as const
  return { ...caller, verbs: new Set([...caller.verbs, ...verbs]) }
}

/** Asks each deployment and each person once. */
class Teller {
  readonly #house: House
  readonly #caller: Caller
  readonly #at: Instant
  readonly #changes = new Map<DeploymentId, Promise<ChangeWhole>>()
  readonly #roles = new Map<string, Promise<Role | null>>()
  readonly #looks = new Map<TargetId, ReturnType<typeof findLooks>>()

  constructor(house: House, caller: Caller, at: Instant) {
    this.#house = house
    this.#caller = caller
    this.#at = at
  }

  async tell(span: SpanWithBody, exclusions: readonly AsOfExclusion[]): Promise<AsOf> {
    const [house, caller, at] = [this.#house, this.#caller, this.#at]
    const { sortTitle: _, number: _number, ...stood } = span
    const { targetId, ruleId, ref, fromAt, deploymentId } = span
    const looks = await kept(this.#looks, targetId, () => findLooks(house, caller, targetId, at))
    const reader = house.db.read(caller.scope)
    const found =
      span.state === 'drifted'
        ? await findFoundAt(reader, caller.scope, { targetId, ruleId, at })
        : null
    return {
      ...stood,
      found,
      lastObservedAt: Math.max(looks.lastAt ?? 0, fromAt) as Instant,
      nextObservedAt: looks.nextAt,
      change: deploymentId === null ? null : await this.#changeOf(deploymentId, span),
      exclusions,
      dependencies: await findDependenciesAt(reader, caller.scope, { targetId, ref, at }),
    }
  }

  async #changeOf(id: DeploymentId, { ruleId, targetId }: SpanWithBody): Promise<AsOfChange> {
    const whole = await kept(this.#changes, id, async () => {
      const { scope } = this.#caller
      const { changeId } = await getDeploymentRow(this.#house.db.read(scope), scope, id)
      return getChange(this.#house, this.#caller, changeId)
    })
    const { change, items, signatures } = whole
    const item = items.find((one) => one.ruleId === ruleId && one.targetId === targetId)
    const counted = signatures.filter(
      (one) => one.decision === 'approve' && one.voidedBecause === null && one.at <= this.#at,
    )
    return {
      id: change.id,
      title: change.title,
      hash: change.hash,
      inputs: item?.inputs ?? {},
      waivers: item?.waivers ?? [],
      signatures: await Promise.all(
        counted.map(async ({ userId, name, at, hash, isPasskey }) => ({
          userId,
          name,
          role: await this.#roleOf(userId, at),
          at,
          hash,
          isPasskey,
        })),
      ),
    }
  }

  #roleOf(userId: UserId, at: Instant): Promise<Role | null> {
    return kept(this.#roles, `${userId} ${at}`, () => roleAt(this.#house, this.#caller, userId, at))
  }
}

/** Of what lies over a rule now, what lay over it then. */
function standingAt(
  at: Instant,
  exclusions: readonly Omit<Exclusion, 'rules' | 'hidden'>[],
): readonly AsOfExclusion[] {
  return exclusions
    .filter(({ createdAt, endsAt, state, updatedAt }) => {
      if (createdAt > at) return false
      return state === 'ended' ? updatedAt > at : endsAt > at || state === 'overdue'
    })
    .map(({ id, title, contentHash, endsAt }) => ({ id, title, contentHash, endsAt }))
}

function kept<Key, Value>(
  map: Map<Key, Promise<Value>>,
  key: Key,
  make: () => Promise<Value>,
): Promise<Value> {
  const known = map.get(key)
  if (known) return known
  const made = make()
  map.set(key, made)
  return made
}
