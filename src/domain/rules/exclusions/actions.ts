// What people and programs do with exclusions: add one, change or prolong it, end it, look at them. An
// exclusion that ended keeps its history and can be put in force again.

import { permit } from '#domain/access/permission.ts'
import { findOwnEmail } from '#domain/access/own-email.ts'
import { AppError } from '#kernel/error.ts'
import type { ExclusionId, RuleId } from '#kernel/id.ts'
import { readPage, type Page } from '#kernel/page.ts'
import { formatInstant } from '#kernel/time.ts'
import { requireVersion, type ExpectedVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { getRule } from '#domain/rules/rule-store.ts'
import {
  judgeEnd,
  lastDay,
  type Exclusion,
  type ExclusionVersion,
  type ExclusionWithText,
} from './exclusion.ts'
import { writeHidden, type Hidden, type HiddenOf } from './hidden.ts'
import { invalid, keepExclusion, prepareExclusion, type PreparedExclusion } from './save.ts'
import * as store from './store.ts'
import type { ExclusionTerms } from './text.ts'

export interface NewExclusion extends ExclusionTerms {
  /** A Sigma filter document; terms beside it are written into it. */
  readonly text: string
}

/**
 * Without an owner it is the caller's, without an end it ends as late as it may. Throws `invalid` with
 * every problem, `conflict` when another has its Sigma id.
 */
export async function addExclusion(
  house: House,
  caller: Caller,
  { text, ...terms }: NewExclusion,
): Promise<Exclusion> {
  permit(caller, 'exclusion.write')
  const prepared = await prepareNew(house, caller, text, terms)
  requireEnd(prepared, caller)
  return house.db.write(caller, (tx) =>
    keepExclusion(tx, house, caller, { ...prepared, why: '', action: 'exclusion.add' }),
  )
}

async function prepareNew(
  house: House,
  caller: Caller,
  text: string,
  terms: ExclusionTerms,
): Promise<PreparedExclusion> {
  const owner = terms.owner ?? (await findOwnEmail(house, caller)) ?? undefined
  const usual: ExclusionTerms = { owner, ends: lastDay(caller.now) }
  return prepareExclusion(house, { text, ...terms, usual })
}

function requireEnd({ content }: PreparedExclusion, { now }: Caller): void {
  const problem = judgeEnd(content.endsAt, now)
  if (problem) throw invalid([problem])
}

export interface ExclusionChange extends ExclusionTerms {
  /** The one it has when absent. */
  readonly text?: string | undefined
  /** Why it is changed; a later end needs it. */
  readonly why: string
  readonly expected: ExpectedVersion
}

/** A new version, unless nothing changes. Throws as addExclusion, and `stale` on a lost race. */
export async function changeExclusion(
  house: House,
  caller: Caller,
  id: ExclusionId,
  { text, why, expected, ...terms }: ExclusionChange,
): Promise<Exclusion> {
  permit(caller, 'exclusion.write')
  const before = await getExclusion(house, caller, id)
  const prepared = await prepareExclusion(house, { text: text ?? before.text, ...terms })
  const { endsAt } = prepared.content
  const isLater = endsAt > before.endsAt
  if (isLater && why === '') {
    throw new AppError('invalid', 'Say why the exclusion shall last longer.')
  }
  if (endsAt !== before.endsAt) requireEnd(prepared, caller)
  return house.db.write(caller, async (tx) => {
    const row = await store.getExclusionRow(tx, tx.scope, id)
    requireVersion(expected, String(row.version))
    // What was prepared is made of this version.
    requireVersion(new Set([String(before.version)]), String(row.version))
    if (prepared.text === before.text) return before
    return keepExclusion(tx, house, caller, { ...prepared, why, action: 'exclusion.change' }, row)
  })
}

export interface ExclusionEnd {
  readonly why: string
  readonly expected: ExpectedVersion
}

/** Ends it at this instant. One that has ended already stays as it is. Throws `stale`. */
export async function endExclusion(
  house: House,
  caller: Caller,
  id: ExclusionId,
  { why, expected }: ExclusionEnd,
): Promise<Exclusion> {
  permit(caller, 'exclusion.write')
  const before = await getExclusion(house, caller, id)
  const ends = formatInstant(caller.now)
  const prepared = await prepareExclusion(house, { text: before.text, ends })
  return house.db.write(caller, async (tx) => {
    const row = await store.getExclusionRow(tx, tx.scope, id)
    requireVersion(expected, String(row.version))
    requireVersion(new Set([String(before.version)]), String(row.version))
    if (row.state === 'ended') return before
    return keepExclusion(tx, house, caller, { ...prepared, why, action: 'exclusion.end' }, row)
  })
}

/** Throws `forbidden` for an exclusion that is not of this workspace, or is nowhere. */
export async function getExclusion(
  house: House,
  caller: Caller,
  id: ExclusionId,
): Promise<ExclusionWithText> {
  permit(caller, 'exclusion.read')
  const { scope, now } = caller
  const reader = house.db.read(scope)
  const row = await store.getExclusionRow(reader, scope, id)
  const rules = await store.selectBoundRules(reader, scope, [id])
  const [newest] = await store.selectExclusionVersions(reader, scope, id, 1)
  return { ...store.toExclusion(row, rules, now), text: newest!.text }
}

export interface ExclusionsWanted extends store.ExclusionFilter {
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface ExclusionPage extends Page<Exclusion> {
  /** Of the whole list, not of the page. */
  readonly count: number
}

/** Those that end first come first. Throws `invalid` for a cursor of another list. */
export async function listExclusions(
  house: House,
  caller: Caller,
  { limit, cursor, state, rule }: ExclusionsWanted,
): Promise<ExclusionPage> {
  permit(caller, 'exclusion.read')
  const { scope, now } = caller
  const reader = house.db.read(scope)
  const filter = { state, rule, now }
  const page = await readPage({
    key: house.keys.purpose('cursor'),
    binding: {
      workspaceId: scope.workspaceId,
      list: 'exclusions',
      state: state ?? null,
      rule: rule ?? null,
    },
    limit,
    cursor,
    placeOf: ({ endsAt, id }: store.ExclusionRow) => [endsAt, id] as const,
    select: (wanted) => store.selectExclusions(reader, scope, { ...filter, ...wanted }),
  })
  const ids = page.items.map(({ id }) => id)
  const bound = await store.selectBoundRules(reader, scope, ids)
  const items = page.items.map((row) => {
    const rules = bound.filter(({ exclusionId }) => exclusionId === row.id)
    return store.toExclusion(row, rules, now)
  })
  return { items, next: page.next, count: await store.countExclusions(reader, scope, filter) }
}

/** Newest texts, by id. */
export async function listExclusionTexts(
  house: House,
  caller: Caller,
  exclusions: readonly Exclusion[],
): Promise<ReadonlyMap<ExclusionId, string>> {
  permit(caller, 'exclusion.read')
  const ids = exclusions.map(({ id }) => id)
  const rows = await store.selectExclusionTexts(house.db.read(caller.scope), caller.scope, ids)
  return new Map(rows.map(({ id, text }) => [id, text]))
}

const VERSIONS_MAX = 200

/** Newest first, with their texts. Throws as getExclusion. */
export async function listExclusionVersions(
  house: House,
  caller: Caller,
  id: ExclusionId,
): Promise<readonly ExclusionVersion[]> {
  permit(caller, 'exclusion.read')
  const reader = house.db.read(caller.scope)
  await store.getExclusionRow(reader, caller.scope, id)
  return store.selectExclusionVersions(reader, caller.scope, id, VERSIONS_MAX)
}

/** Titles of what is in force over a rule now. Throws `forbidden` as getRule. */
export async function listRuleExclusions(
  house: House,
  caller: Caller,
  ruleId: RuleId,
): Promise<readonly Exclusion[]> {
  permit(caller, 'exclusion.read')
  await getRule(house.db.read(caller.scope), caller.scope, ruleId)
  const wanted = { rule: ruleId, limit: SHOWN_MAX }
  return (await listExclusions(house, caller, wanted)).items
}

const SHOWN_MAX = 100

/** The same of each of these rules, without the other rules that it lies over. */
export async function listExclusionsOver(
  house: House,
  caller: Caller,
  ruleIds: readonly RuleId[],
): Promise<ReadonlyMap<RuleId, readonly Omit<Exclusion, 'rules' | 'hidden'>[]>> {
  permit(caller, 'exclusion.read')
  const { scope, now } = caller
  const rows = await store.selectExclusionsOver(house.db.read(scope), scope, ruleIds)
  const told = rows.map(({ ruleId, ...row }) => ({ ruleId, ...store.toExclusion(row, [], now) }))
  return Map.groupBy(told, ({ ruleId }) => ruleId)
}

/** As a part of counting, which was asked for and told of when it began. */
export async function keepHidden(
  tx: Tx,
  id: ExclusionId,
  hidden: Hidden,
  of: HiddenOf,
): Promise<void> {
  await store.updateExclusion(tx, id, { hidden: writeHidden(hidden, of) })
}
