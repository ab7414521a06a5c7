// Rule texts examined for keeping, in a worker thread: by the hundred, and none of them trusted.

import { openAttack, type AttackTable } from '#languages/attack/attack.ts'
import type { WorkerTask } from '#platform/worker.ts'
import { examineRuleText, type ExaminedRule } from './examined.ts'

export interface TextsToRead {
  readonly texts: readonly string[]
  /** `YYYY-MM-DD`. */
  readonly today: string
  /** Undefined for the version of ATT&CK that came with the product. */
  readonly attack: AttackTable | undefined
}

/** In the order of the texts. */
export const readRules: WorkerTask<TextsToRead, readonly ExaminedRule[]> = {
  worker: 'rules',
  name: 'rules.read',
}

export function readRulesHere({ texts, today, attack }: TextsToRead): readonly ExaminedRule[] {
  const options = { today, attack: openAttack(attack) }
  return texts.map((text) => examineRuleText(text, options))
}
