// A tag that ATT&CK calls otherwise now, written as it is called: at its place, comments and every other
// byte left alone.

import type { Attack } from '#languages/attack/attack.ts'
import { fixTags } from '#languages/attack/tags.ts'
import { readRuleText } from './content.ts'
import { editRuleText, type RuleEdit } from './edit.ts'

/** The same text when nothing is sure about the tag. Throws as editRuleText. */
export function fixTag(text: string, tag: string, attack: Attack): string {
  const tags = readRuleText(text).value?.tags ?? []
  const fix = fixTags(tags, attack).find((one) => one.tag === tag && one.isSure)
  const at = tags.indexOf(tag)
  if (!fix || at < 0) return text
  const [first, ...more] = fix.instead
  const edits: RuleEdit[] =
    first === undefined
      ? [{ kind: 'removeFromList', path: ['tags'], value: tag }]
      : [{ kind: 'set', path: ['tags', at], value: first }]
  for (const value of more) edits.push({ kind: 'addToList', path: ['tags'], value })
  return editRuleText(text, edits)
}
