// Which rules an exclusion is bound to: those it names, found in its workspace when it is written. What
// does not stand there, stands there twice, or cannot be excluded from is refused by name.

import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, isId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Caller } from '#platform/caller.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { agreesWith, describeLogSource } from '#languages/sigma/logsource.ts'
import type { RuleRow } from '#domain/rules/rule-store.ts'
import { selectRulesByAnyName } from '#domain/rules/rule-store.ts'
import { refuseExclusion, type ExclusionContent } from './exclusion.ts'

/** Throws `invalid` with a problem for each name that is none of a rule here. */
export async function findNamedRules(
  db: Pick<Reader, 'selectFrom'>,
  scope: WorkspaceScope,
  content: Pick<ExclusionContent, 'references' | 'logsource'>,
): Promise<readonly RuleRow[]> {
  const { references, logsource } = content
  const known = await selectRulesByAnyName(db, scope, references)
  const found = new Map<string, RuleRow>()
  const problems: Problem[] = []
  for (const reference of references) {
    const rules = known.filter((rule) => bears(rule, reference))
    const [rule] = rules
    const problem = rules.length > 1 ? several(reference) : judge(reference, rule, logsource)
    if (problem) problems.push(problem)
    else found.set(rule!.id, rule!)
  }
  const [first] = problems
  if (first) throw new AppError('invalid', first.message, { details: { problems } })
  return [...found.values()]
}

function bears({ id, sigmaId, name }: RuleRow, reference: string): boolean {
  if (isId(ID_PREFIXES.rule, reference)) return id === reference
  return sigmaId === reference || name === reference
}

function judge(
  reference: string,
  rule: RuleRow | undefined,
  logsource: ExclusionContent['logsource'],
): Problem | undefined {
  if (!rule) return unknownRule(reference)
  const shown = reference.slice(0, 100)
  if (rule.kind === 'correlation') {
    const message = `"${shown}" is a correlation rule, which has no events of its own.`
    const hint = 'Name the rules that it builds on.'
    return refuseExclusion('exclusion/correlation', message, hint)
  }
  if (rule.kind === 'filter') {
    return refuseExclusion('exclusion/filter', `"${shown}" is a filter and no rule.`)
  }
  const { product, category, service } = rule
  const own = {
    ...(product === null ? {} : { product }),
    ...(category === null ? {} : { category }),
    ...(service === null ? {} : { service }),
  }
  // A rule in a target's own words need not say where it looks.
  if (Object.keys(own).length === 0 || agreesWith(logsource, own)) return undefined
  const places = [logsource, own].map((one) => describeLogSource({ ...one, custom: {} }))
  const message = `The exclusion is for ${places[0]}, and "${shown}" looks at ${places[1]}.`
  return refuseExclusion('exclusion/log-source', message, 'Name the log source of the rule.')
}

export function unknownRule(reference: string): Problem {
  const message = `No rule of this workspace has the id or name "${reference.slice(0, 100)}".`
  const hint = 'Add the rule first. An exclusion is over rules that are there.'
  return refuseExclusion('exclusion/unknown-rule', message, hint)
}

/** Those of the names by which no rule here is called. */
export async function findUnknownNames(
  { db }: Pick<House, 'db'>,
  { scope }: Caller,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const unknown = new Set(names)
  for (let at = 0; at < names.length; at += NAMES_AT_ONCE) {
    const some = names.slice(at, at + NAMES_AT_ONCE)
    for (const { id, sigmaId, name } of await selectRulesByAnyName(db.read(scope), scope, some)) {
      for (const one of [id, sigmaId, name]) if (one !== null) unknown.delete(one)
    }
  }
  return unknown
}

const NAMES_AT_ONCE = 500

function several(reference: string): Problem {
  const message = `Several rules of this workspace are called "${reference.slice(0, 100)}".`
  return refuseExclusion('exclusion/ambiguous-rule', message, 'Name the one by its id.')
}
