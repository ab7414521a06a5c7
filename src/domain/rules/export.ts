// Rules as files: the bytes that were saved, a folder for each group, names that stay as long as a title
// does. One page of them is in memory at a time.

import { permit } from '#domain/access/permission.ts'
import type { RuleId } from '#kernel/id.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { RuleFilter } from './list.ts'
import { selectRulesToExport } from './list-store.ts'
import { toSummary } from './rule-store.ts'
import type { RuleSummary } from './rule.ts'

export interface ExportedRule {
  /** With `/` between folders; no two rules have the same. */
  readonly path: string
  readonly text: string
  readonly rule: RuleSummary
}

const PAGE = 200

/** Every rule that the filter leaves, in the order they were made. */
export async function* exportRules(
  house: House,
  caller: Caller,
  filter: RuleFilter,
): AsyncGenerator<ExportedRule> {
  permit(caller, 'rule.read')
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
      yield { path: pathOf(rule), text, rule }
    }
    if (rows.length < PAGE) return
    after = rows.at(-1)!.id
  }
}

/** `retired/windows-endpoint/whoami-as-system-1f3c9a20.yml` */
export function pathOf({
  id,
  title,
  group,
  state,
}: Pick<RuleSummary, 'id' | 'title' | 'group' | 'state'>): string {
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, NAME_CHARS)
    .replaceAll(/^-|-$/g, '')
  const name = `${words || 'rule'}-${sha256Hex(id).slice(0, 8)}.yml`
  return [...(state === 'retired' ? ['retired'] : []), ...(group ? [group] : []), name].join('/')
}

const NAME_CHARS = 60
