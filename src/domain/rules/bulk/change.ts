// A change to many rules, as the edits of each text and in words.

import type { RuleEdit } from '#domain/rules/edit.ts'
import type { BulkEdit } from '#domain/rules/input.ts'

/** The kind of its job, which is also the act in the log. */
export const BULK_JOB = 'rule.bulk'

/** Nothing for a change of the state, which is no part of the text. */
export function editsOf(edit: BulkEdit): readonly RuleEdit[] {
  switch (edit.kind) {
    case 'addTag':
      return [{ kind: 'addToList', path: ['tags'], value: edit.tag }]
    case 'removeTag':
      return [{ kind: 'removeFromList', path: ['tags'], value: edit.tag }]
    case 'level':
      return [{ kind: 'set', path: ['level'], value: edit.level }]
    case 'group':
      return [setOrRemove(['rulewright', 'group'], edit.group)]
    case 'owner':
      return [setOrRemove(['rulewright', 'owner'], edit.owner)]
    case 'retire':
    case 'revive':
      return []
  }
}

function setOrRemove(path: readonly string[], value: string | null): RuleEdit {
  return value === null ? { kind: 'remove', path } : { kind: 'set', path, value }
}

/** In the imperative, as jobs are called. */
export function titleOf(edit: BulkEdit): string {
  switch (edit.kind) {
    case 'addTag':
      return `Add the tag ${edit.tag}`
    case 'removeTag':
      return `Remove the tag ${edit.tag}`
    case 'level':
      return `Set the level ${edit.level}`
    case 'group':
      return edit.group === null ? 'Take out of their groups' : `Put into the group ${edit.group}`
    case 'owner':
      return edit.owner === null ? 'Remove the owner' : `Give to ${edit.owner}`
    case 'retire':
      return 'Retire rules'
    case 'revive':
      return 'Revive rules'
  }
}
