// Looking at the rules of a workspace: one with its text, lists of them, their history.

import { permit } from '#domain/access/permission.ts'
import type { RuleId } from '#kernel/id.ts'
import { definedIn } from '#kernel/json.ts'
import { readPage, type Page } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { RuleFilter, RuleSort } from './list.ts'
import { countRules, placeOf, selectRules } from './list-store.ts'
import type { RuleSummary, RuleVersion, RuleWithText, VersionWithText } from './rule.ts'
import * as rules from './rule-store.ts'
import * as versions from './version-store.ts'

/** Throws `forbidden` for a rule that is not of this workspace, or is nowhere. */
export async function getRule(house: House, caller: Caller, id: RuleId): Promise<RuleWithText> {
  permit(caller, 'rule.read')
  const reader = house.db.read(caller.scope)
  const row = await rules.getRule(reader, caller.scope, id)
  const { text } = await versions.getVersion(reader, caller.scope, id, row.version)
  return { ...rules.toSummary(row), text }
}

export async function hasRule(house: House, caller: Caller, id: RuleId): Promise<boolean> {
  permit(caller, 'rule.read')
  const found = await rules.selectRulesById(house.db.read(caller.scope), caller.scope, [id])
  return found.length > 0
}

/** Those of them that are here. */
export async function findRules(
  house: House,
  caller: Caller,
  ids: readonly RuleId[],
): Promise<ReadonlyMap<RuleId, RuleSummary>> {
  permit(caller, 'rule.read')
  const rows = await rules.selectRulesById(house.db.read(caller.scope), caller.scope, ids)
  return new Map(rows.map((row) => [row.id, rules.toSummary(row)]))
}

/** What each rule of the workspace says how grave it is: for judging thousands at once. */
export async function listLevels(
  house: House,
  caller: Caller,
): Promise<ReadonlyMap<RuleId, RuleSummary['level']>> {
  permit(caller, 'rule.read')
  const found = await rules.selectLevels(house.db.read(caller.scope), caller.scope)
  return new Map(found.map(({ id, level }) => [id, level]))
}

export async function findRuleBySigmaId(
  house: House,
  caller: Caller,
  sigmaId: string,
): Promise<RuleSummary | undefined> {
  permit(caller, 'rule.read')
  const row = await rules.findRuleBySigmaId(house.db.read(caller.scope), caller.scope, sigmaId)
  return row && rules.toSummary(row)
}

/** Of these Sigma ids those that rules here bear, with the rule: for whoever brings many texts. */
export async function findRulesBySigmaId(
  house: House,
  caller: Caller,
  sigmaIds: readonly string[],
): Promise<ReadonlyMap<string, RuleSummary>> {
  permit(caller, 'rule.read')
  const reader = house.db.read(caller.scope)
  const rows = await rules.selectRulesBySigmaId(reader, caller.scope, sigmaIds)
  return new Map(rows.map((row) => [row.sigmaId!, rules.toSummary(row)]))
}

export interface RulesWanted {
  readonly filter: RuleFilter
  readonly sort: RuleSort
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface RulePage extends Page<RuleSummary> {
  /** Of the whole list, not of the page. */
  readonly count: number
}

/** A page in the order wanted, ties by id. Throws `invalid` for a cursor of another list. */
export async function listRules(
  house: House,
  caller: Caller,
  { filter, sort, limit, cursor }: RulesWanted,
): Promise<RulePage> {
  permit(caller, 'rule.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const page = await readPage({
    key: house.keys.purpose('cursor'),
    binding: { workspaceId: scope.workspaceId, list: 'rules', filter: definedIn(filter), sort },
    limit,
    cursor,
    placeOf: (row: rules.RuleRow) => placeOf(row, sort),
    select: (wanted) => selectRules(reader, scope, filter, { ...wanted, sort }),
  })
  const count = await countListed(house, caller, filter)
  return { items: page.items.map(rules.toSummary), next: page.next, count }
}

/** How many such a list has: asked for with every page of it, so it is remembered. */
export async function countListed(
  house: House,
  caller: Caller,
  filter: RuleFilter,
): Promise<number> {
  permit(caller, 'rule.read')
  const { scope } = caller
  return house.db.remember(scope, { rules: definedIn(filter) }, () =>
    countRules(house.db.read(scope), scope, filter),
  )
}

/** Newest first. Throws as getRule. */
export async function listVersions(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<RuleVersion>> {
  permit(caller, 'rule.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  await rules.getRule(reader, scope, ruleId)
  return readPage({
    key: house.keys.purpose('cursor'),
    binding: { workspaceId: scope.workspaceId, list: 'rule-versions', ruleId },
    limit,
    cursor,
    placeOf: ({ number }: RuleVersion) => number,
    select: ({ limit: max, after }) =>
      versions.selectVersions(reader, scope, ruleId, {
        limit: max,
        ...(after === null ? {} : { after }),
      }),
  })
}

/** Throws `forbidden` for a version that is not there. */
export async function getVersion(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  number: number,
): Promise<VersionWithText> {
  permit(caller, 'rule.read')
  return versions.getVersion(house.db.read(caller.scope), caller.scope, ruleId, number)
}
