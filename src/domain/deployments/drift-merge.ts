// What somebody changed on a target, as an edit of the rule's text: what differs between the object as we
// put it there and the object as it stands, said in the words of a rule file and made to the version that
// we put there. Merged with what became of the rule since, nothing of either is lost. Pure.

import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import type { SiemKind } from '#kernel/siem.ts'
import {
  DETAILS,
  type Detail,
  type ObservedObject,
} from '#languages/rule-formats/observed/object.ts'
import { textOfObserved } from '#languages/rule-formats/observed/observed.ts'
import { withoutMarker } from '#languages/rule-formats/write/marker.ts'
import { meaningOf, readWritten } from '#languages/sigma/written.ts'
import { rewriteText } from '#domain/rules/edit.ts'
import { mergeRuleTexts, type Conflict } from '#domain/rules/merge/merge.ts'
import type { RuleBody } from '#domain/targets/port.ts'

/** An object of a target: as we put it there, or as it stands. */
export type Standing = ObservedObject & { readonly body: RuleBody }

export interface Sides {
  readonly kind: SiemKind
  readonly ours: Standing
  readonly theirs: Standing
  /** The text of the version that we put there. */
  readonly base: string
  /** The newest text. */
  readonly mine: string
}

export interface Adopted {
  /** Where both sides changed the same it has what `prefer` says. */
  readonly text: string
  readonly conflicts: readonly Conflict[]
}

/** Throws `unsupported` for what no text can say. */
export function mergeDrift(sides: Sides, prefer: 'mine' | 'theirs'): Adopted {
  const { base, mine } = sides
  const theirs = textAsItStands(sides)
  const { conflicts, text } = mergeRuleTexts({ base, mine, theirs })
  const hidden = hiddenConflict(sides, theirs)
  const all = hidden ? [...conflicts, hidden] : conflicts
  if (prefer === 'mine' || all.length === 0) return { text, conflicts: all }
  // Told the other way round, the text keeps theirs where both sides changed the same.
  return { text: mergeRuleTexts({ base, mine: theirs, theirs: mine }).text, conflicts: all }
}

/** A query of its own on the target stands over a detection: a newer detection would not reach it. */
function hiddenConflict({ kind, base, mine }: Sides, theirs: string): Conflict | undefined {
  const [before, now, there] = [dataOf(base), dataOf(mine), dataOf(theirs)]
  const query = ['rulewright', 'implementations', kind, 'query']
  const own = valueAt(there, query)
  if (own === undefined || meaningOf(own) === meaningOf(valueAt(before, query))) return undefined
  const [detection, newer] = [before['detection'], now['detection']]
  if (newer === undefined || meaningOf(detection) === meaningOf(newer)) return undefined
  return { path: ['detection'], base: detection, mine: newer, theirs: own }
}

/** The version that we put there, with what was changed over there. */
function textAsItStands(sides: Sides): string {
  const { base, kind } = sides
  const wanted = kind === 'local' ? asInSandbox(sides) : withWords(sides)
  const text = rewriteText(base, wanted)
  if (text === undefined) throw untold()
  return text
}

const untold = () =>
  new AppError(
    'unsupported',
    'What was changed there cannot be said in a rule file: put the rule back, or unmanage it.',
  )

type Data = Readonly<Record<string, unknown>>

function dataOf(text: string): Data {
  const root = readWritten(text)
  if (root?.kind !== 'map') throw untold()
  return JSON.parse(root.meaning) as Data
}

function withWords({ kind, ours, theirs, base }: Sides): Data {
  const data = dataOf(base)
  const detail = detailOf(data)
  const [before, now] = [ours, theirs].map((one) => textOfObserved(kind, bare(one), detail))
  if (before === undefined || now === undefined) throw untold()
  return carried(data, dataOf(before), dataOf(now), 0) as Data
}

function bare(one: Standing): Standing {
  return { ...one, raw: withoutMarker(one.raw as Json), body: withoutMarker(one.body) }
}

/** The text speaks of level and schedule in words of its own, or leaves them to the settings. */
function detailOf(data: Data): Detail {
  const hasLevel = data['level'] !== undefined
  const hasSchedule = valueAt(data, ['rulewright', 'schedule']) !== undefined
  if (hasLevel) return hasSchedule ? 'all' : 'without_schedule'
  return hasSchedule ? 'without_level' : (DETAILS.at(-1) ?? 'least')
}

const DEPTH_MAX = 32

/** What differs between `before` and `now`, made to `data`, map by map. */
function carried(data: unknown, before: unknown, now: unknown, depth: number): unknown {
  if (meaningOf(before) === meaningOf(now)) return data
  if (depth > DEPTH_MAX || !isData(now) || (before !== undefined && !isData(before))) return now
  const old = isData(before) ? before : {}
  const made: Record<string, unknown> = isData(data) ? { ...data } : {}
  for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const value = carried(made[name], old[name], now[name], depth + 1)
    if (value === undefined) delete made[name]
    else made[name] = value
  }
  return made
}

/** Where the sandbox keeps what a rule file says. */
const SANDBOX_PLACES: Readonly<Record<string, readonly string[]>> = {
  title: ['title'],
  level: ['level'],
  schedule: ['rulewright', 'schedule'],
  throttle: ['rulewright', 'throttle'],
  entities: ['rulewright', 'entities'],
  output: ['rulewright', 'output'],
}

function asInSandbox({ ours, theirs, base }: Sides): Data {
  const [before, now] = [bare(ours).body, bare(theirs).body]
  let data = withRule(base, before['rule'], now['rule'])
  for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (name === 'rule' || meaningOf(before[name]) === meaningOf(now[name])) continue
    const settings = ['rulewright', 'implementations', 'local', 'settings', name]
    data = withValue(data, SANDBOX_PLACES[name] ?? settings, now[name] ?? undefined)
  }
  return data
}

/** The sandbox runs the text itself. */
function withRule(base: string, before: Json | undefined, now: Json | undefined): Data {
  const data = dataOf(base)
  if (typeof before !== 'string' || typeof now !== 'string' || before === now) return data
  return carried(data, dataOf(before), dataOf(now), 0) as Data
}

function withValue(data: Data, [name, ...rest]: readonly string[], value: unknown): Data {
  if (name === undefined) return data
  const made: Record<string, unknown> = { ...data }
  const inner = data[name]
  const next = rest.length === 0 ? value : withValue(isData(inner) ? inner : {}, rest, value)
  if (next === undefined) delete made[name]
  else made[name] = next
  return made
}

function valueAt(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (isData(inner) ? inner[name] : undefined), data)
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
