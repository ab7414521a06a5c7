// What somebody sees of one rule: what its text says, what is wrong with it, how two of its versions
// differ, and what becomes of an edit that somebody else's save overtook.

import { permit } from '#domain/access/permission.ts'
import type { RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { TaskLimits } from '#platform/worker.ts'
import { mergeTexts, placeTexts } from '#domain/rules/merge/compare-task.ts'
import { explainChanges } from '#domain/rules/merge/explain-changes.ts'
import type { MergedRule } from '#domain/rules/merge/merge.ts'
import type { Rendering } from '#domain/rules/renders/render.ts'
import { makeRenders } from '#domain/rules/renders/actions.ts'
import type { LineRow } from '#domain/rules/merge/side-by-side.ts'
import type { ExaminedRule } from './examined.ts'
import { examineTexts } from './examining.ts'
import { getRule, getVersion } from './reading.ts'
import type { VersionWithText } from './rule.ts'

/** A text of half a megabyte is looked at in a second. */
const LIMITS: TaskLimits = { timeoutMs: 20_000 }

/** What a text says and all that is wrong with it; nothing is stored. Throws `timeout` and `busy`. */
export async function examineText(
  house: House,
  caller: Caller,
  text: string,
): Promise<ExaminedRule> {
  permit(caller, 'rule.check')
  const [examined] = await examineTexts(house, caller, [text], LIMITS)
  return examined!
}

export interface TextToPreview {
  readonly text: string
  /** Of the rule it would be a version of: what is laid over that is compiled in. */
  readonly id?: RuleId | undefined
}

/** What a text would become at each kind of place; nothing is stored. Throws `timeout` and `busy`. */
export async function previewText(
  house: House,
  caller: Caller,
  { text, id }: TextToPreview,
): Promise<readonly Rendering[]> {
  const { content } = await examineText(house, caller, text)
  const [made] = await makeRenders(house, caller, [
    { id, text, references: content?.refersTo ?? [] },
  ])
  return made!.renderings
}

export interface Comparison {
  readonly before: VersionWithText
  readonly after: VersionWithText
  /** What the change means, a sentence each. */
  readonly sentences: readonly string[]
  /** The texts beside each other, without most of what is the same. */
  readonly rows: readonly LineRow[]
}

/** Throws `forbidden` for a rule or a version that is not there, `timeout` and `busy`. */
export async function compareVersions(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  [from, to]: readonly [from: number, to: number],
): Promise<Comparison> {
  const before = await getVersion(house, caller, ruleId, from)
  const after = await getVersion(house, caller, ruleId, to)
  const texts = { before: before.text, after: after.text }
  const [sentences, rows] = await Promise.all([
    explainChanges(house.workers, before.text, after.text),
    house.workers.run(placeTexts, texts, LIMITS),
  ])
  return { before, after, sentences, rows }
}

/** Two texts of anything beside each other. Throws `timeout` and `busy`. */
export function compareTexts(
  house: House,
  caller: Caller,
  texts: { readonly before: string; readonly after: string },
): Promise<readonly LineRow[]> {
  permit(caller, 'rule.read')
  return house.workers.run(placeTexts, texts, LIMITS)
}

export interface OvertakenEdit {
  /** The version that was there when the edit began. */
  readonly baseVersion: number
  readonly mine: string
}

/** The edit merged with what was saved meanwhile, and the version it may be saved over now. */
export async function mergeEdit(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  { baseVersion, mine }: OvertakenEdit,
): Promise<MergedRule & { readonly version: number }> {
  const { text: theirs, version } = await getRule(house, caller, ruleId)
  const { text: base } = await getVersion(house, caller, ruleId, baseVersion)
  const merged = await house.workers.run(mergeTexts, { base, mine, theirs }, LIMITS)
  return { ...merged, version }
}
