// What becomes of a finding of drift: taken over into a draft of the rule, put back, or let go of by a
// signed change. Nothing is written on the target here.

import { permit } from '#domain/access/permission.ts'
import { rebase } from '#domain/adoption/rebasing.ts'
import { findObservedByRef, seeObserved } from '#domain/adoption/actions.ts'
import { openChange } from '#domain/changes/actions.ts'
import { findPlacement } from '#domain/placements/actions.ts'
import type { NamedPlacement } from '#domain/placements/placement.ts'
import type { Conflict } from '#domain/rules/merge/merge.ts'
import { getRule, getVersion } from '#domain/rules/reading.ts'
import { saveRules } from '#domain/rules/save-many.ts'
import { AppError } from '#kernel/error.ts'
import type { ChangeId, DeploymentId, DriftId, WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { DeploymentWish } from './begin.ts'
import { getDrift } from './drift-actions.ts'
import type { Drift } from './drift.ts'
import type { DriftWish } from './drift-input.ts'
import { mergeDrift } from './drift-merge.ts'
import { putBack, wayToPutBack } from './drift-putting-back.ts'
import * as store from './drift-store.ts'

export interface Resolved {
  readonly drift: Drift
  /** Of `unmanage`, and of `redeploy` where somebody has to sign: the change that does it. */
  readonly changeId: ChangeId | null
  /** Of `redeploy` where what is to stand there was signed: the one that puts it back at once. */
  readonly deploymentId: DeploymentId | null
  /** Of `adopt`: the version of the rule that has it. */
  readonly version: number | null
}

/**
 * `adopt` saves a version, `redeploy` puts back what was signed or opens a change, `unmanage` opens one. Throws `conflict` with every place
 * that both sides changed while nobody said whose counts, for one that is over, and for one that a change
 * is under way for; `stale` when the target is another one by now; `unsupported` for what cannot be.
 */
export async function resolveDrift(
  house: House,
  caller: Caller,
  { id, ...wish }: DriftWish & { readonly id: DriftId },
): Promise<Resolved> {
  permit(caller, 'drift.resolve')
  const drift = await getDrift(house, caller, id)
  if (drift.state !== 'found') throw new AppError('conflict', 'This finding is over already.')
  if (drift.changeId !== null) {
    throw new AppError('conflict', 'A change is under way for it. Withdraw that first.')
  }
  if (drift.kind === 'dependency') return acknowledge(house, caller, drift, wish)
  const { ruleId, targetId } = drift
  const scope = caller.scope
  const place = await findPlacement(house.db.read(scope), scope, { ruleId: ruleId!, targetId })
  if (!place) throw new AppError('conflict', 'The rule has no place there any more.')
  if (wish.resolution === 'adopt') return adopt(house, caller, { drift, place, wish })
  if (wish.resolution === 'redeploy') {
    const way = await wayToPutBack(house, caller, drift, place)
    if (way) return redeploy(house, caller, drift, way)
  }
  return change(house, caller, { drift, place, wish })
}

interface Case {
  readonly drift: Drift
  readonly place: NamedPlacement
  readonly wish: DriftWish
}

/** What it builds on is somebody else's: it is known now, and told again when it is another one. */
async function acknowledge(
  house: House,
  caller: Caller,
  drift: Drift,
  { resolution, why }: DriftWish,
): Promise<Resolved> {
  if (resolution !== 'adopt') {
    throw new AppError(
      'unsupported',
      'The product does not write what rules build on: adopt it, or mend it there.',
    )
  }
  return house.db.write(caller, async (tx) => {
    await end(tx, house, caller, drift, { why, version: null })
    return {
      drift: await store.getDrift(tx, tx.scope, drift.id),
      changeId: null,
      deploymentId: null,
      version: null,
    }
  })
}

/** Needs no new signature: it leads to what was signed last. */
async function redeploy(
  house: House,
  caller: Caller,
  drift: Drift,
  way: Omit<DeploymentWish, 'id'>,
): Promise<Resolved> {
  return house.db.write(caller, async (tx) => {
    await requireFound(tx, drift)
    const deploymentId = await putBack(tx, house, caller, way)
    await store.updateDrift(tx, drift.id, { wanted: 'redeploy' })
    await record(tx, house, caller, drift, { resolution: 'redeploy', deployment: deploymentId })
    const after = await store.getDrift(tx, tx.scope, drift.id)
    return { drift: after, changeId: null, deploymentId, version: null }
  })
}

// ── Put back, let go of ──────────────────────────────────────────────────────────────────────────

async function change(
  house: House,
  caller: Caller,
  { drift, place, wish }: Case,
): Promise<Resolved> {
  const { id, ruleId, targetId, targetName, name } = drift
  const isBack = wish.resolution === 'redeploy'
  const wanted = isBack ? ('redeploy' as const) : ('unmanage' as const)
  const verb = isBack ? 'Put back' : 'Stop managing'
  const version = isBack && place.version > 0 ? place.version : undefined
  // Absent, it fits what stands there: a rule that is gone is added again.
  const action = isBack ? undefined : ('unmanage' as const)
  const given = {
    title: `${verb} ${name.slice(0, 100).toWellFormed()} on ${targetName}`,
    why: wish.why || `Found to differ: ${fieldsInWords(drift)}.`,
    origin: 'drift' as const,
    items: [{ ruleId: ruleId!, targetId, action, version }],
  }
  let after: Drift | undefined
  const opened = await openChange(house, caller, given, async (tx, { id: changeId }) => {
    await requireFound(tx, drift)
    await store.updateDrift(tx, id, { wanted, changeId })
    await record(tx, house, caller, drift, { resolution: wish.resolution, change: changeId })
    after = await store.getDrift(tx, tx.scope, id)
  })
  return { drift: after!, changeId: opened.id, deploymentId: null, version: null }
}

function fieldsInWords({ kind, fields }: Drift): string {
  if (kind === 'missing') return 'it is gone'
  return fields
    .map(({ name }) => name)
    .join(', ')
    .slice(0, 1_000)
    .toWellFormed()
}

// ── Taken over ───────────────────────────────────────────────────────────────────────────────────

async function adopt(house: House, caller: Caller, given: Case): Promise<Resolved> {
  const { drift, place, wish } = given
  if (drift.kind === 'missing') {
    throw new AppError('unsupported', 'It is gone: put it back, or stop managing it.')
  }
  const { observed, target } = await seenNow(house, caller, given)
  const rule = await getRule(house, caller, place.ruleId)
  const ours = { ref: place.ref, name: observed.name, raw: place.raw, body: place.body }
  const base = await textOfVersion(house, caller, place, rule.text)
  const sides = { kind: place.kind, ours, theirs: observed, base, mine: rule.text }
  const { text, conflicts } = mergeDrift(sides, wish.prefer ?? 'mine')
  if (conflicts.length > 0 && wish.prefer === undefined) throw contested(conflicts)
  const expected = new Set([String(rule.version)])
  const reason = wish.why || `Taken over from ${drift.targetName}`
  const item = { ruleId: rule.id, text, reason, origin: rule.origin, expected }
  let resolved: Resolved | undefined
  const [outcome] = await saveRules(house, caller, [item], {
    async within(tx, [made]) {
      if (!made || !('rule' in made)) return
      const { version } = made.rule
      await requireFound(tx, drift)
      // Where nothing is ever written, what stands there is where we begin again.
      if (place.ownership === 'observe') {
        await rebase(tx, house, caller, { target, observed, place, rule: made.rule })
      }
      await end(tx, house, caller, drift, { why: wish.why, version })
      resolved = {
        drift: await store.getDrift(tx, tx.scope, drift.id),
        changeId: null,
        deploymentId: null,
        version,
      }
    },
  })
  if (resolved) return resolved
  if (outcome && 'message' in outcome) {
    throw new AppError(outcome.kind === 'stale' ? 'stale' : 'conflict', outcome.message)
  }
  throw new AppError('invalid', 'Of what stands there no rule can be kept.')
}

async function seenNow(house: House, caller: Caller, { drift, place }: Case) {
  const found = await findObservedByRef(house, caller, place.targetId, place.ref)
  if (found?.hash !== drift.observedHash) {
    throw new AppError('stale', 'It was changed again meanwhile. Look at the target once more.')
  }
  return seeObserved(house, caller, found.id)
}

async function textOfVersion(
  house: House,
  caller: Caller,
  { ruleId, version }: NamedPlacement,
  newest: string,
): Promise<string> {
  if (version < 1) return newest
  return (await getVersion(house, caller, ruleId, version)).text
}

const CONFLICTS_TOLD = 50

function contested(conflicts: readonly Conflict[]): AppError {
  const places = conflicts.slice(0, CONFLICTS_TOLD).map(({ path, base, mine, theirs }) => ({
    path: path.join('.'),
    base: worded(base),
    mine: worded(mine),
    theirs: worded(theirs),
  }))
  const where = places.map(({ path }) => path || 'the whole text').join(', ')
  return new AppError(
    'conflict',
    `Both sides changed ${where.slice(0, 500).toWellFormed()}. Say whose counts.`,
    { details: { conflicts: places } },
  )
}

const worded = (value: unknown) =>
  value === undefined ? null : (JSON.stringify(value) ?? '').slice(0, 2_000).toWellFormed()

// ── Both ─────────────────────────────────────────────────────────────────────────────────────────

async function requireFound(tx: Tx, { id }: Drift): Promise<void> {
  const { state, changeId } = await store.getDrift(tx, tx.scope, id)
  if (state === 'found' && changeId === null) return
  throw new AppError('conflict', 'Somebody decided about this finding meanwhile.')
}

async function end(
  tx: Tx,
  house: House,
  caller: Caller,
  drift: Drift,
  { why, version }: { readonly why: string; readonly version: number | null },
): Promise<void> {
  const { now: endedAt, actor: endedBy } = caller
  await store.updateDrift(tx, drift.id, { state: 'adopted', endedAt, endedBy })
  await record(tx, house, caller, drift, {
    resolution: 'adopt',
    version,
    why: why.slice(0, 500).toWellFormed(),
  })
}

async function record(
  tx: Tx,
  house: House,
  caller: Caller,
  { id, targetId, ruleId, dependencyId, observedHash }: Drift,
  data: Readonly<Record<string, string | number | null>>,
): Promise<void> {
  await house.audit.record(tx, caller, {
    action: 'drift.resolve',
    target: id,
    data: {
      target: targetId,
      ...(ruleId === null ? { dependency: dependencyId } : { rule: ruleId }),
      observedHash,
      ...data,
    },
  })
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  house.events.publish(tx, { workspaceId, noun: 'drift', id, verb: 'changed' })
}
