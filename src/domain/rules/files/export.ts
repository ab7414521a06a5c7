// Rules as files: the bytes that were saved, a folder for each group, names that stay as long as a title
// does. One page of them is in memory at a time.

import { can, permit } from '#domain/access/permission.ts'
import type { RuleId } from '#kernel/id.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Exclusion } from '#domain/rules/exclusions/exclusion.ts'
import { listExclusions, listExclusionTexts } from '#domain/rules/exclusions/actions.ts'
import type { RuleFilter } from '#domain/rules/list.ts'
import { selectRulesToExport } from '#domain/rules/list-store.ts'
import { toSummary } from '#domain/rules/rule-store.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import { exportedFolders } from './folder.ts'

export interface ExportedRule {
  /** With `/` between folders; no two rules have the same. */
  readonly path: string
  readonly text: string
  readonly rule: RuleSummary
}

/** Laid over at least one of the rules that are exported with it. */
export interface ExportedExclusion {
  readonly path: string
  readonly text: string
  readonly exclusion: Exclusion
}

const PAGE = 200

/**
 * Every rule that the filter leaves, in the order they were made; then the exclusions over them, ended
 * ones too, for whoever may read those.
 */
export async function* exportRules(
  house: House,
  caller: Caller,
  filter: RuleFilter,
): AsyncGenerator<ExportedRule | ExportedExclusion> {
  permit(caller, 'rule.read')
  const exported = new Set<RuleId>()
  let after: RuleId | null = null
  for (;;) {
    const reader = house.db.read(caller.scope)
    const page = { limit: PAGE, after }
    const rows: Awaited<ReturnType<typeof selectRulesToExport>> = await selectRulesToExport(
      reader,
      caller.scope,
      filter,
      page,
    )
    for (const { text, ...row } of rows) {
      const rule = toSummary(row)
      exported.add(rule.id)
      yield { path: pathOf(rule), text, rule }
    }
    if (rows.length < PAGE) break
    after = rows.at(-1)!.id
  }
  if (can(caller, 'exclusion.read')) yield* exclusionsOver(house, caller, exported)
}

async function* exclusionsOver(
  house: House,
  caller: Caller,
  ruleIds: ReadonlySet<RuleId>,
): AsyncGenerator<ExportedExclusion> {
  let cursor: string | undefined
  do {
    const wanted = { state: 'all', limit: PAGE, cursor } as const
    const { items, next } = await listExclusions(house, caller, wanted)
    const over = items.filter(({ rules }) => rules.some(({ id }) => ruleIds.has(id)))
    const texts = await listExclusionTexts(house, caller, over)
    for (const exclusion of over) {
      const path = `exclusions/${fileName(exclusion.id, exclusion.title, 'exclusion')}`
      yield { path, text: texts.get(exclusion.id)!, exclusion }
    }
    cursor = next ?? undefined
  } while (cursor !== undefined)
}

/** `retired/groups/windows-endpoint/whoami-as-system-1f3c9a20.yml` */
export function pathOf({
  id,
  title,
  group,
  state,
}: Pick<RuleSummary, 'id' | 'title' | 'group' | 'state'>): string {
  const folders = exportedFolders({ group, isRetired: state === 'retired' })
  return [...folders, fileName(id, title, 'rule')].join('/')
}

function fileName(id: string, title: string, otherwise: string): string {
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, NAME_CHARS)
    .replaceAll(/^-|-$/g, '')
  return `${words || otherwise}-${sha256Hex(id).slice(0, 8)}.yml`
}

const NAME_CHARS = 60
