// What somebody sees of one item of a plan, and of the upstream of a rule: who changed what, in words
// and beside each other.

import { permit } from '#domain/access/permission.ts'
import type { RuleId, UpstreamId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { TaskLimits } from '#platform/worker.ts'
import { mergeTexts, placeTexts } from '#domain/rules/merge/compare-task.ts'
import { explainChanges } from '#domain/rules/merge/explain-changes.ts'
import type { Conflict } from '#domain/rules/merge/merge.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import { getRule, toSummary } from '#domain/rules/rule-store.ts'
import type { LineRow } from '#domain/rules/merge/side-by-side.ts'
import { getVersion } from '#domain/rules/version-store.ts'
import type { Upstream, UpstreamItem, UpstreamStanding } from './upstream.ts'
import { takeTheirs } from './merge.ts'
import { findBase } from './planning.ts'
import * as store from './store.ts'

const LIMITS: TaskLimits = { timeoutMs: 20_000 }

export interface ItemShown {
  readonly upstream: Upstream
  readonly item: UpstreamItem
  /** The document of the bundle; empty when it is no longer there. */
  readonly text: string
  /** Null for a rule that is not here. */
  readonly here: ItemHere | null
}

export interface ItemHere {
  readonly rule: RuleSummary
  /** What changed there since both were the same; null when nobody knows when that was. */
  readonly theirs: readonly string[] | null
  /** What changed here since then, or against the document itself. */
  readonly ours: readonly string[]
  readonly conflicts: readonly Conflict[]
  /** The rule as it is beside what it would become; where no base is known, the document beside it. */
  readonly rows: readonly LineRow[]
}

/** Throws `forbidden` for an upstream or an item that is not here. */
export async function lookAtItem(
  house: House,
  caller: Caller,
  id: UpstreamId,
  position: number,
): Promise<ItemShown> {
  permit(caller, 'rule.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const upstream = await store.getUpstream(reader, scope, id)
  const {
    text,
    contentHash: _,
    merged,
    problems,
    ...item
  } = await store.getItemRow(reader, scope, id, position)
  const here =
    item.ruleId === null || text === ''
      ? null
      : await compareHere(house, caller, {
          upstreamId: id,
          ruleId: item.ruleId,
          theirs: text,
          merged,
        })
  return { upstream, item: { ...item, problems: store.readProblems(problems) }, text, here }
}

interface HereGiven {
  readonly upstreamId: UpstreamId
  readonly ruleId: RuleId
  readonly theirs: string
  readonly merged: string | null
}

async function compareHere(
  house: House,
  caller: Caller,
  { upstreamId, ruleId, theirs, merged }: HereGiven,
): Promise<ItemHere> {
  const { scope } = caller
  const { workers } = house
  const reader = house.db.read(scope)
  const row = await getRule(reader, scope, ruleId)
  const { text: mine } = await getVersion(reader, scope, ruleId, row.version)
  const base = await findBase(house, caller, { upstreamId, ruleId })
  const rule = toSummary(row)
  if (base === null) {
    // As if it had begun as this very text: what differs is what was tuned here.
    const ours = await explainChanges(workers, theirs, mine)
    const tuned = await workers.run(placeTexts, { before: theirs, after: mine }, LIMITS)
    return { rule, theirs: null, ours, conflicts: [], rows: tuned }
  }
  const { conflicts } = await workers.run(mergeTexts, { base, mine, theirs }, LIMITS)
  const isClash = conflicts.length > 0
  const after = isClash ? await takeTheirs(house, { base, mine, theirs }) : (merged ?? theirs)
  const rows = await workers.run(placeTexts, { before: mine, after }, LIMITS)
  return {
    rule,
    theirs: await explainChanges(workers, base, theirs),
    ours: await explainChanges(workers, base, mine),
    conflicts,
    rows,
  }
}

export interface RuleOriginShown {
  readonly upstream: Upstream
  /** What people call the bundle it was held against last. */
  readonly label: string
  readonly commit: string | null
  readonly path: string
  readonly standing: UpstreamStanding
  readonly successor: string | null
  /** What was changed here since, a sentence each. */
  readonly changes: readonly string[]
}

/** Undefined for a rule that follows no upstream. Throws `forbidden` for a rule that is not here. */
export async function findOrigin(
  house: House,
  caller: Caller,
  ruleId: RuleId,
): Promise<RuleOriginShown | undefined> {
  permit(caller, 'rule.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const { version, contentHash } = await getRule(reader, scope, ruleId)
  const link = await store.findLink(reader, scope, ruleId)
  if (!link) return undefined
  const { upstreamId, number, path, standing, successor, text: base } = link
  const upstream = await store.getUpstream(reader, scope, upstreamId)
  const { label, commit } = await store.getUpdate(reader, scope, upstreamId, number)
  const { text: mine } = await getVersion(reader, scope, ruleId, version)
  const isSame = contentHash === link.contentHash
  const changes = isSame ? [] : await explainChanges(house.workers, base, mine)
  return { upstream, label, commit, path, standing, successor, changes }
}
