// The rules that the product brings: added as they are, or to begin another with. A rule of the workspace that has the same Sigma id stays as
// somebody made it, retired or not.

import { starterRules } from '#src/starter/starter.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
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
