// The rules that the product brings: added as they are, all or those that fill gaps, or to begin another
// with. A rule of the workspace that has the same Sigma id stays as somebody made it, retired or not.

import { starterRules } from '#src/starter/starter.ts'
import { AppError } from '#kernel/error.ts'
import type { RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { findRulesBySigmaId } from './reading.ts'
import { saveRules } from './save-many.ts'

export interface StarterAdded {
  readonly added: number
  /** Were there already and were left alone. */
  readonly present: number
}

/** Throws as saveRules. */
export async function addStarterRules(house: House, caller: Caller): Promise<StarterAdded> {
  const items = starterRules().map(({ text }) => ({
    text,
    reason: 'Starter rules',
    origin: 'imported' as const,
  }))
  const outcomes = await saveRules(house, caller, items)
  const added = outcomes.filter(({ kind }) => kind === 'created').length
  return { added, present: outcomes.length - added }
}

/**
 * Those of these paths, and the rules that they build on. Returns the rules of the workspace that have
 * their Sigma ids, just added or there before. Throws `invalid` for a path of none.
 */
export async function adoptStarterRules(
  house: House,
  caller: Caller,
  paths: readonly string[],
): Promise<readonly RuleId[]> {
  const chosen = starterRules().filter(({ path }) => paths.includes(path))
  if (chosen.length === 0) throw new AppError('invalid', 'Tick at least one starter rule.')
  const named = new Set(chosen.flatMap(({ text }) => text.match(/(?<=^ {4}- )\w+$/gm) ?? []))
  const builtOn = starterRules().filter(
    ({ text }) => !chosen.some((one) => one.text === text) && named.has(nameIn(text) ?? ''),
  )
  const reason = 'Starter rules for gaps of coverage'
  const items = [...builtOn, ...chosen].map(({ text }) => ({
    text,
    reason,
    origin: 'imported' as const,
  }))
  await saveRules(house, caller, items)
  const ids = chosen.flatMap(({ text }) => /^id: (\S+)$/m.exec(text)?.[1] ?? [])
  const found = await findRulesBySigmaId(house, caller, ids)
  return [...found.values()].map(({ id }) => id)
}

const nameIn = (text: string) => /^name: (\S+)$/m.exec(text)?.[1]

export function starterNotice({ added, present }: StarterAdded): string {
  if (present === 0) return `${added} starter rules are added, each with its tests.`
  return `${added} starter rules are added; ${present} were here already and are left as they are.`
}

export interface Template {
  /** Names it: `windows/whoami-as-system.yml`. */
  readonly path: string
  readonly title: string
  /** Without the id, which stays that of the rule it was taken from. */
  readonly text: string
}

/** The rules of the product as what others begin with. */
export function ruleTemplates(): readonly Template[] {
  return starterRules().map(({ path, text }) => ({
    path,
    title: /^title: (.*)$/m.exec(text)?.[1] ?? path,
    text: text.replace(/^id: .*\n/m, ''),
  }))
}
