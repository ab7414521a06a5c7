// Makes what the pages of a change show beside it: what each item means in words, which fields of its
// body become others, what tests said before and would now.

import { listTestRuns } from '#domain/rules/testing/actions.ts'
import { findRules } from '#domain/rules/reading.ts'
import { compareTexts, compareVersions, type Comparison } from '#domain/rules/looking.ts'
import { techniquesIn } from '#languages/attack/technique-ids.ts'
import type { ChangeItem } from '#domain/changes/change.ts'
import type { LineRow } from '#domain/rules/merge/side-by-side.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { withoutMarker } from '#languages/rule-formats/write/marker.ts'
import { fieldsThatDiffer } from '#languages/rule-formats/observed/observed.ts'
import type { FieldShown, ItemShown, TestsShown, VerdictsShown } from '#views/changes/shown.ts'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'

/** A text of a change is compared once, on however many targets it goes. */
type Comparisons = Map<string, Promise<Comparison>>

export async function showItems(
  c: HttpContext,
  items: readonly ChangeItem[],
): Promise<readonly ItemShown[]> {
  const known: Comparisons = new Map()
  const shown: ItemShown[] = []
  for (const item of items) {
    shown.push({ item, fields: fieldsOf(item), ...(await meaningOf(c, item, known)) })
  }
  return shown
}

async function meaningOf(c: HttpContext, item: ChangeItem, known: Comparisons) {
  if (item.action === 'add') return { sentences: await introduce(c, item), unsaid: null }
  if (item.action !== 'change' || item.replaces === null) return { sentences: [], unsaid: null }
  if (item.replaces.version === null) {
    const unsaid = 'Which version stands there is not known: the fields say what becomes another.'
    return { sentences: [], unsaid }
  }
  try {
    const compared = await compareOf(c, item, known)
    return { sentences: compared?.sentences ?? [], unsaid: null }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { sentences: [], unsaid: `What it means could not be said: ${error.message}` }
  }
}

/** What a rule is that stands there for the first time. */
async function introduce(
  c: HttpContext,
  { ruleId, version }: ChangeItem,
): Promise<readonly string[]> {
  const { house } = c.var
  const rule = (await findRules(house, callerOf(c), [ruleId])).get(ruleId)
  if (!rule || rule.version !== version) return []
  const { product, category, service } = rule.logsource ?? {}
  const source = [product, category, service].filter(Boolean).join(' / ')
  const techniques = techniquesIn(rule.tags)
  return [
    rule.level === null ? 'without a level' : `level ${rule.level}`,
    ...(source === '' ? [] : [`looks at ${source}`]),
    ...(techniques.length === 0 ? [] : [`names ${techniques.join(', ')}`]),
  ]
}

/** Undefined where no text changes. */
export async function compareOf(
  c: HttpContext,
  { ruleId, version, replaces }: ChangeItem,
  known: Comparisons = new Map(),
): Promise<Comparison | undefined> {
  const from = replaces?.version ?? null
  if (from === null || version === null || from === version) return undefined
  const key = `${ruleId} ${from} ${version}`
  const made = known.get(key) ?? compareVersions(c.var.house, callerOf(c), ruleId, [from, version])
  known.set(key, made)
  return made
}

const VALUE_CHARS = 4_000

function fieldsOf({ kind, becomes, replaces }: ChangeItem): readonly FieldShown[] {
  if (becomes === null || replaces === null) return []
  // The mark by which a target knows whose rule it is follows from the rest.
  const standing = withoutMarker(replaces.body)
  return fieldsThatDiffer(kind, becomes, standing).map((field) => ({
    field,
    from: textOf(standing[field]),
    to: textOf(becomes[field]),
  }))
}

function textOf(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null
  return readable(value).slice(0, VALUE_CHARS)
}

/** A list of texts as those texts, a rule file among them with its lines; the rest as JSON. */
function readable(value: Json): string {
  if (typeof value === 'string') return value
  const isTexts = Array.isArray(value) && value.every((one) => typeof one === 'string')
  return isTexts ? value.join('\n') : JSON.stringify(value)
}

/** Two JSON values beside each other, line by line. */
export function compareJson(
  c: HttpContext,
  before: Json,
  after: Json,
): Promise<readonly LineRow[]> {
  const texts = { before: linesOf(before), after: linesOf(after) }
  return compareTexts(c.var.house, callerOf(c), texts)
}

/** As JSON, but a query of several lines stands on several: for reading, not for a parser. */
function linesOf(value: Json): string {
  const text = JSON.stringify(value, null, 2)
  return text.replaceAll(/(?<!\\)((?:\\\\)*)\\n/g, '$1\n      ')
}

/** A verdict is of the newest version of a rule; of an older one none is told here. */
export async function countVerdicts(
  c: HttpContext,
  items: readonly ChangeItem[],
): Promise<VerdictsShown> {
  const versions = new Map(
    items.flatMap(({ ruleId, version }) => (version === null ? [] : [[ruleId, version] as const])),
  )
  const found = await findRules(c.var.house, callerOf(c), [...versions.keys()])
  const counts = { passed: 0, failed: 0 }
  for (const { id, version, testVerdict } of found.values()) {
    if (versions.get(id) !== version) continue
    if (testVerdict === 'passed' || testVerdict === 'failed') counts[testVerdict]++
  }
  return { rules: versions.size, ...counts }
}

const RUNS_READ = 30

/** Of each rule of these items whose text is written, once. */
export async function showTests(
  c: HttpContext,
  items: readonly ChangeItem[],
): Promise<readonly TestsShown[]> {
  const shown = new Map<string, TestsShown>()
  for (const { ruleId, ruleTitle, version, replaces } of items) {
    if (version === null || shown.has(ruleId)) continue
    const runs = await listTestRuns(c.var.house, callerOf(c), ruleId, RUNS_READ)
    const from = replaces?.version ?? null
    shown.set(ruleId, {
      ruleId,
      ruleTitle,
      from,
      to: version,
      before: runs.find((run) => run.version === from) ?? null,
      after: runs.find((run) => run.version === version) ?? null,
    })
  }
  return [...shown.values()]
}
