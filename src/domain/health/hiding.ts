// Counts what an exclusion hides: each of its rules is asked without and with it, wherever it stands, over
// the last 30 days. Both are searches that people can look at; nothing is written on a target.

import { permit } from '#domain/access/permission.ts'
import { questionOf, type AskedQuery } from '#domain/changes/backtest-query.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import type { NamedPlacement } from '#domain/placements/placement.ts'
import { getExclusion, keepHidden } from '#domain/rules/exclusions/actions.ts'
import type { Hidden, HiddenOf } from '#domain/rules/exclusions/hidden.ts'
import { makeRenders, readForRender, type MadeRenders } from '#domain/rules/renders/actions.ts'
import { cancelSearch, startSearch } from '#domain/searches/actions.ts'
import { getSearch } from '#domain/searches/reading.ts'
import { CAPS_USUAL, isOver, type Search } from '#domain/searches/search.ts'
import type { RuleBody } from '#domain/targets/port.ts'
import type { Actor } from '#kernel/actor.ts'
import { AppError } from '#kernel/error.ts'
import type { ExclusionId, JobId } from '#kernel/id.ts'
import { addMs, DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn, pause } from '#platform/turns.ts'
import { hiddenAt, sumOf, type HiddenAt } from './hidden-sum.ts'
import { countHiddenJob } from './jobs.ts'

/** Throws `conflict` for one that is not in force, `forbidden` for one that is not here. Audited. */
export async function requestHidden(house: House, caller: Caller, id: ExclusionId): Promise<JobId> {
  permit(caller, 'search.run')
  const { state, title, version } = await getExclusion(house, caller, id)
  if (state !== 'in_force') {
    throw new AppError('conflict', 'Only an exclusion that is in force hides anything.')
  }
  return house.db.write(caller, async (tx) => {
    const named = `Count what "${title.slice(0, TITLE_CHARS).toWellFormed()}" hides`
    const input = { exclusionId: id }
    const jobId = await house.jobs.enqueue(tx, caller, countHiddenJob, input, { title: named })
    await house.audit.record(tx, caller, {
      action: 'exclusion.count',
      target: id,
      data: { version },
    })
    return jobId
  })
}

const TITLE_CHARS = 100
const WINDOW_DAYS = 30
/** A rule at a target; each is two searches. */
const PLACES_MAX = 25
const CAPS = { ...CAPS_USUAL, rows: 10_000 }

interface Counting {
  /** Whose searches they are. */
  readonly askedBy: Actor
  readonly signal: AbortSignal
  readonly report: (done: number, total: number) => void
}

/** Begun again it asks again, and what it counts takes the place of what was counted before. */
export async function countHidden(
  house: House,
  caller: Caller,
  id: ExclusionId,
  { askedBy, signal, report }: Counting,
): Promise<Hidden> {
  permit(caller, 'search.run')
  const { version, rules, title } = await getExclusion(house, caller, id)
  const ruleIds = rules.map((rule) => rule.id)
  const all = ruleIds.length === 0 ? [] : await listPlacements(house, caller, { ruleIds })
  const places = all.filter(({ state }) => state !== 'missing')
  const asked = places.slice(0, PLACES_MAX)
  const range = { from: addMs(caller.now, -WINDOW_DAYS * DAY), to: caller.now }
  const read: HiddenOf['rules'][number][] = []
  const found: HiddenAt[] = []
  for (const ruleId of ruleIds) {
    const rule = await readForRender(house.db.read(caller.scope), caller.scope, ruleId)
    read.push({ id: ruleId, version: rule.version })
    const here = asked.filter((one) => one.ruleId === ruleId)
    if (here.length === 0) continue
    const made = await makeRenders(house, caller, [{ ...rule, without: id }, rule])
    for (const place of here) {
      signal.throwIfAborted()
      report(found.length, asked.length)
      const told = { askedBy, purpose: `What the exclusion ${title} hides`, ...range }
      found.push(await askPlace(house, caller, place, made, told, signal))
    }
  }
  const hidden = { ...sumOf(found, places.length), ...range, countedAt: house.clock.now() }
  await house.db.write(caller, (tx) => keepHidden(tx, id, hidden, { version, rules: read }))
  report(asked.length, asked.length)
  return hidden
}

interface Told {
  readonly askedBy: Actor
  readonly purpose: string
  readonly from: number
  readonly to: number
}

async function askPlace(
  house: House,
  caller: Caller,
  place: NamedPlacement,
  made: readonly MadeRenders[],
  told: Told,
  signal: AbortSignal,
): Promise<HiddenAt> {
  const questions: AskedQuery[] = []
  for (const one of made) {
    const body = bodyAt(place, one)
    if ('why' in body) return body
    const question = await questionOf(house, caller, place.kind, body.body)
    if ('why' in question) return question
    questions.push(question)
  }
  const searches: Search[] = []
  try {
    for (const question of questions) {
      searches.push(await ask(house, caller, place, question, told))
    }
    const segments = []
    for (const search of searches) segments.push(await answerOf(house, caller, search, signal))
    return hiddenAt(segments[0]!, segments[1]!)
  } catch (error) {
    await nextTurn()
    if (signal.aborted) await cancelAll(house, caller, searches)
    signal.throwIfAborted()
    if (!(error instanceof AppError)) throw error
    return { why: `It could not be asked. ${error.message}` }
  }
}

/** What would be written there now. */
function bodyAt(
  { kind, targetName }: NamedPlacement,
  { bodies }: MadeRenders,
): { readonly body: RuleBody } | { readonly why: string } {
  const ofKind = bodies.filter((one) => one.kind === kind)
  const found =
    ofKind.find(({ overlay }) => overlay === targetName) ??
    ofKind.find(({ overlay }) => overlay === null)
  if (found?.body) return { body: found.body }
  return { why: found?.problems[0]?.message ?? 'The rule is not compiled for this target.' }
}

async function ask(
  house: House,
  caller: Caller,
  { ruleId, ruleTitle, targetId }: NamedPlacement,
  { language, text }: AskedQuery,
  { askedBy, purpose, from, to }: Told,
): Promise<Search> {
  const question = { language, text }
  const said = purpose.slice(0, 500).toWellFormed()
  const input = { question, targetIds: [targetId], from, to, ...CAPS, purpose: said }
  const written = { title: ruleTitle, ruleId }
  const search = await startSearch(house, caller, input, { askedBy, written })
  await nextTurn()
  return search
}

const POLL_MS = 200

async function answerOf(house: House, caller: Caller, { id }: Search, signal: AbortSignal) {
  for (;;) {
    const { segments } = await getSearch(house, caller, id)
    if (isOver(segments[0]!.state)) return segments[0]!
    await pause(POLL_MS, signal)
  }
}

async function cancelAll(house: House, caller: Caller, searches: readonly Search[]) {
  for (const { id } of searches) {
    await cancelSearch(house, caller, id).catch((error: unknown) => {
      // It has ended by itself.
      if (!(error instanceof AppError && error.code === 'conflict')) throw error
    })
    await nextTurn()
  }
}
