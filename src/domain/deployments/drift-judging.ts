// Compares what stands on a target with what is to stand there, once its rules were read: what differs is
// a finding, and a finding ends by itself when the target is as it should be again.

import { contentHash } from '#kernel/hash.ts'
import { ID_PREFIXES, makeId, type RuleId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import type { Pulled } from '#domain/adoption/after-pull.ts'
import { changePlacement, placementsAmong } from '#domain/placements/actions.ts'
import { keepLook } from '#domain/placements/history.ts'
import type { NamedPlacement, PlacementState } from '#domain/placements/placement.ts'
import type { RuleBody } from '#domain/targets/port.ts'
import type { DriftField, StandingBefore } from './drift.ts'
import { judgeBody, standingAgain, standingBefore } from './drift-comparing.ts'
import { endFinding, tellOfDrift } from './drift-ending.ts'
import * as store from './drift-store.ts'

const BATCH = 100

/** Judges all places of the target; what was written there since the reading began is left for the next. */
export async function judgeTarget(house: House, caller: Caller, pulled: Pulled): Promise<void> {
  const { target, startedAt, isComplete, signal } = pulled
  await nextTurn() // the reader is not used in the turn of a commit
  const all = await store.selectPlacedRules(house.db.read(caller.scope), caller.scope, target.id)
  for (let at = 0; at < all.length; at += BATCH) {
    signal.throwIfAborted()
    const some = all.slice(at, at + BATCH)
    await house.db.write(caller, (tx) => judgeSome(tx, house, caller, pulled, some))
  }
  await house.db.write(caller, async (tx) => {
    await judgeDependencies(tx, house, caller, pulled)
    for (const finding of await store.selectUnplaced(tx, target.id)) {
      await endFinding(tx, house, caller, finding)
    }
    await keepLook(tx, { targetId: target.id, at: startedAt, isComplete })
  })
}

async function judgeSome(
  tx: Tx,
  house: House,
  caller: Caller,
  pulled: Pulled,
  ruleIds: readonly RuleId[],
): Promise<void> {
  const targetId = pulled.target.id
  const places = await placementsAmong(tx, targetId, ruleIds)
  const begun = await store.selectBegun(tx, targetId, ruleIds)
  const refs = places.map(({ ref }) => ref)
  const seen = await store.selectSeen(tx, targetId, refs)
  const newest = await store.selectNewest(tx, targetId, ruleIds)
  const written = await store.selectBeingWritten(tx, targetId, ruleIds)
  const stood = await store.selectStoodBefore(tx, targetId, ruleIds)
  const looked: RuleId[] = []
  for (const place of places) {
    // What a deployment writes, or has left for a person to settle, is no finding.
    if (written.has(place.ruleId)) continue
    const since = Math.max(begun.get(place.ruleId) ?? 0, place.since)
    if (since > pulled.startedAt) continue
    const row = seen.get(place.ref)
    const last = newest.get(place.ruleId)
    const found = last?.state === 'found' ? last : undefined
    const known = found?.before ?? stood.get(place.ruleId)
    const before = standingBefore(place.state, known, place.body)
    const verdict = judge(pulled, place, before, row)
    if (verdict === undefined) continue
    looked.push(place.ruleId)
    await changeState(tx, house, caller, place, verdict.state)
    await settle(tx, house, caller, { place, before, verdict, row, last })
  }
  await store.touchPlaces(tx, targetId, looked, pulled.startedAt)
}

interface Verdict {
  readonly state: PlacementState
  readonly fields: readonly DriftField[]
}

/** Undefined: nobody knows, because the list was not whole. */
function judge(
  { target, startedAt, isComplete }: Pulled,
  place: NamedPlacement,
  before: StandingBefore,
  row: store.SeenRow | undefined,
): Verdict | undefined {
  if (row === undefined || row.missingSince !== null) {
    return isComplete || row ? { state: 'missing', fields: [] } : undefined
  }
  if (row.lastSeenAt < startedAt) return undefined
  const isEnabled = row.isEnabled === null ? null : row.isEnabled === 1
  const body = JSON.parse(row.body) as RuleBody
  const fields = judgeBody(target.kind, place, before, { hash: row.hash, body, isEnabled })
  if (fields.length > 0) return { state: 'drifted', fields }
  return { state: standingAgain(before, isEnabled), fields }
}

async function changeState(
  tx: Tx,
  house: House,
  caller: Caller,
  place: NamedPlacement,
  state: PlacementState,
): Promise<void> {
  if (state !== place.state) await changePlacement(tx, house, caller, place, { state })
}

interface Judged {
  readonly place: NamedPlacement
  readonly before: StandingBefore
  readonly verdict: Verdict
  readonly row: store.SeenRow | undefined
  readonly last: store.NewDrift | undefined
}

async function settle(
  tx: Tx,
  house: House,
  caller: Caller,
  { place, before, verdict, row, last }: Judged,
): Promise<void> {
  const found = last?.state === 'found' ? last : undefined
  if (verdict.state !== 'drifted' && verdict.state !== 'missing') {
    if (found) await endFinding(tx, house, caller, found)
    return
  }
  const isGone = verdict.state === 'missing'
  const observedHash = isGone ? null : (row?.hash ?? null)
  const facts = {
    kind: isGone ? ('missing' as const) : ('changed' as const),
    fields: JSON.stringify(verdict.fields),
    observedHash,
    observed: isGone ? null : (row?.body ?? null),
    notices: row?.notices ?? '[]',
    remoteChangedAt: row?.remoteChangedAt ?? null,
    remoteChangedBy: row?.remoteChangedBy ?? null,
    seenAt: caller.now,
  }
  if (found) return store.updateDrift(tx, found.id, facts)
  // Somebody took this very state over into a draft: it is known, until a change brings it there.
  if (last?.state === 'adopted' && last.observedHash === observedHash) return
  const name = row?.name ?? place.ruleTitle
  const { ruleId, targetId } = place
  await begin(tx, house, caller, { ...facts, ruleId, dependencyId: null, targetId, name, before })
}

type Facts = Pick<
  store.NewDrift,
  | 'kind'
  | 'fields'
  | 'observedHash'
  | 'observed'
  | 'notices'
  | 'remoteChangedAt'
  | 'remoteChangedBy'
  | 'seenAt'
  | 'ruleId'
  | 'dependencyId'
  | 'targetId'
  | 'name'
  | 'before'
>

async function begin(tx: Tx, house: House, caller: Caller, facts: Facts): Promise<void> {
  const id = makeId(ID_PREFIXES.drift, caller.now, house.random(10))
  await store.insertDrift(tx, {
    ...facts,
    id,
    state: 'found',
    foundAt: caller.now,
    wanted: null,
    changeId: null,
    endedAt: null,
    endedBy: null,
  })
  const { kind, targetId, ruleId, dependencyId, observedHash } = facts
  const names = (JSON.parse(facts.fields) as readonly DriftField[]).map(({ name }) => name)
  await house.audit.record(tx, caller, {
    action: 'drift.find',
    target: id,
    data: {
      kind,
      target: targetId,
      ...(ruleId === null ? { dependency: dependencyId } : { rule: ruleId }),
      fields: names.slice(0, FIELDS_TOLD),
      observedHash,
      changedBy: facts.remoteChangedBy?.slice(0, 200).toWellFormed() ?? null,
    },
  })
  tellOfDrift(tx, house, id, 'added')
}

const FIELDS_TOLD = 50

async function judgeDependencies(
  tx: Tx,
  house: House,
  caller: Caller,
  { target }: Pulled,
): Promise<void> {
  const moved = await store.selectMovedDependencies(tx, target.id)
  const newest = await store.selectNewest(tx, target.id, null)
  const open = new Map([...newest].filter(([, { state }]) => state === 'found'))
  for (const one of moved) {
    const last = newest.get(one.id)
    open.delete(one.id)
    const ours = one.before === null ? null : (JSON.parse(one.before) as Json)
    const isAsBefore = ours !== null && contentHash(ours) === one.hash
    if (isAsBefore) {
      if (last?.state === 'found') await endFinding(tx, house, caller, last)
      continue
    }
    const theirs = JSON.parse(one.definition) as Json
    const facts = {
      kind: 'dependency' as const,
      fields: JSON.stringify([{ name: 'definition', ours, theirs }]),
      observedHash: one.hash,
      observed: one.definition,
      seenAt: caller.now,
    }
    if (last?.state === 'found') await store.updateDrift(tx, last.id, facts)
    else if (last?.observedHash !== one.hash || last.state === 'ended') {
      await begin(tx, house, caller, {
        ...facts,
        ruleId: null,
        dependencyId: one.id,
        targetId: target.id,
        name: `${one.kind} ${one.name}`,
        before: 'live',
        notices: JSON.stringify([reachOf(one.rules)]),
        remoteChangedAt: null,
        remoteChangedBy: null,
      })
    }
  }
  // No rule that stands here builds on them any more, or all were put there since.
  for (const finding of open.values()) await endFinding(tx, house, caller, finding)
}

const reachOf = (rules: number) =>
  rules === 1
    ? 'One rule that stands there builds on it.'
    : `${rules} rules that stand there build on it.`
