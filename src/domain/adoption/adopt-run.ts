// Binding objects of a target to rules of ours, batch by batch: rule, baseline and audit entry stand in
// one transaction. Nothing is written on the target; it is not even asked.

import type { Actor } from '#kernel/actor.ts'
import type { JobId, ObservedId, TargetId, WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { JobProgress } from '#platform/jobs/job.ts'
import { nextTurn } from '#platform/turns.ts'
import { permit } from '#domain/access/permission.ts'
import { saveRules, type Outcome } from '#domain/rules/save-many.ts'
import { readRuleText } from '#domain/rules/content.ts'
import { editRuleText } from '#domain/rules/edit.ts'
import { getRule } from '#domain/rules/reading.ts'
import type { RuleText } from '#domain/rules/save.ts'
import { findPlacement, place } from '#domain/placements/actions.ts'
import { getTarget } from '#domain/targets/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import type { SiemRules } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import { AppError } from '#kernel/error.ts'
import {
  countUnbound,
  insertAdoption,
  selectUnboundWhole,
  type WholeCandidate,
} from './adoption-store.ts'
import { baselinePlace, makeBaseline } from './baseline.ts'
import { flawsOf, wordFaithfully } from './faithful.ts'
import type { AdoptWish } from './input.ts'
import type { Adopted, Ownership } from './observed.ts'
import { planAdoption, type Plan } from './planning.ts'
import { saveAdopted, updateObserved } from './store.ts'

const BATCH = 50
const REFUSALS_TOLD = 50

export interface AdoptRun {
  readonly targetId: TargetId
  readonly wish: AdoptWish
  /** Who asked: the one who says that we begin here. */
  readonly person: Actor
}

type Counts = Omit<Adopted, 'jobId'>

interface Watch {
  readonly jobId: JobId
  readonly signal: AbortSignal
  readonly report: (progress: JobProgress) => void
}

/** Throws `forbidden` for a target that is not here, and what the signal aborts with after a batch. */
export async function adoptChosen(
  house: House,
  caller: Caller,
  { targetId, wish, person }: AdoptRun,
  { jobId, signal, report }: Watch,
): Promise<Adopted> {
  permit(caller, 'rule.write')
  const target = await getTarget(house, caller, targetId)
  const { rules } = await connectTarget(house, caller, target, { purpose: 'read' })
  if (rules === undefined) {
    throw new AppError('unsupported', `${target.name} has no rules that can be adopted.`)
  }
  let adopted: Adopted = { jobId, ...NOTHING }
  await keep(house, caller, target, adopted)
  let after: ObservedId | null = null
  let done = 0
  const chosen = { chosen: wish, now: caller.now }
  await nextTurn() // the reader is not used in the turn of a commit
  const total = await countUnbound(house.db.read(caller.scope), caller.scope, target.id, chosen)
  for (;;) {
    signal.throwIfAborted()
    await nextTurn() // the reader is not used in the turn of a commit
    const page: readonly WholeCandidate[] = await selectUnboundWhole(
      house.db.read(caller.scope),
      caller.scope,
      target.id,
      { ...chosen, limit: BATCH, after },
    )
    if (page.length === 0) return adopted
    const made = await adoptBatch(house, caller, { target, rules, wish, person }, page)
    adopted = { jobId, ...sum(adopted, made) }
    await keep(house, caller, target, adopted)
    after = page.at(-1)!.id
    done += page.length
    report({ done, total, unit: 'rules', note: page.at(-1)!.name.slice(0, 200) })
  }
}

const NOTHING: Counts = { created: 0, linked: 0, observeOnly: 0, refused: [], refusedCount: 0 }

/** So that the page tells how far it is, and what became of it. */
function keep(house: House, caller: Caller, { id }: Target, adopted: Adopted): Promise<void> {
  return house.db.write(caller, async (tx) => {
    await saveAdopted(tx, id, adopted)
    const workspaceId = caller.scope.workspaceId as WorkspaceId
    house.events.publish(tx, { workspaceId, noun: 'observed', id, verb: 'changed' })
  })
}

function sum(a: Counts, b: Counts): Counts {
  return {
    created: a.created + b.created,
    linked: a.linked + b.linked,
    observeOnly: a.observeOnly + b.observeOnly,
    refused: [...a.refused, ...b.refused].slice(0, REFUSALS_TOLD),
    refusedCount: a.refusedCount + b.refusedCount,
  }
}

interface At {
  readonly target: Target
  readonly rules: SiemRules
  readonly wish: AdoptWish
  readonly person: Actor
}

/** An object with the text that its rule will have. */
interface Ready {
  readonly candidate: WholeCandidate
  readonly item: RuleText
  readonly flaw: string | null
}

interface NotReady {
  readonly candidate: WholeCandidate
  readonly why: string
}

async function adoptBatch(
  house: House,
  caller: Caller,
  at: At,
  page: readonly WholeCandidate[],
): Promise<Counts> {
  const plans = await planAdoption(house, caller, at.target, page)
  const fresh = page.filter((_, index) => plans[index]!.link === null)
  const texts = await wordNew(house, caller, at, fresh)
  const linked: (Ready | NotReady)[] = []
  for (const [index, candidate] of page.entries()) {
    const { link } = plans[index]!
    if (link) linked.push(await wordLinked(house, caller, at, candidate, link))
  }
  const all = [...texts, ...linked]
  const ready = all.filter((one) => 'item' in one)
  const left = all
    .filter((one) => 'why' in one)
    .map(({ candidate, why }) => refused(candidate, why))
  const told: Counts[] = []
  await saveRules(
    house,
    caller,
    ready.map(({ item }) => item),
    {
      async within(tx, outcomes, from) {
        for (const [index, outcome] of outcomes.entries()) {
          told.push(await bind(tx, house, caller, at, ready[from + index]!, outcome))
        }
      },
    },
  )
  return [...told, ...left].reduce(sum, NOTHING)
}

async function wordNew(
  house: House,
  caller: Caller,
  { target, rules }: At,
  fresh: readonly WholeCandidate[],
): Promise<readonly (Ready | NotReady)[]> {
  const normalise = (body: Parameters<SiemRules['normalise']>[0]) => rules.normalise(body)
  const worded = await wordFaithfully(house, caller, { target, normalise }, fresh)
  return fresh.map((candidate, index) => {
    const { text, flaw } = worded[index]!
    if (text === undefined) return { candidate, why: candidate.observeOnly ?? flaw ?? '' }
    const item: RuleText = { text, reason: reasonOf(target), origin: 'adopted' }
    return { candidate, item, flaw: candidate.observeOnly ?? flaw }
  })
}

const reasonOf = ({ name }: Target) => `Adopted from ${name}`

/** The rule that is here keeps what it says; where it says nothing of this kind, it learns it. */
async function wordLinked(
  house: House,
  caller: Caller,
  { target, rules }: At,
  candidate: WholeCandidate,
  { ruleId }: NonNullable<Plan['link']>,
): Promise<Ready | NotReady> {
  const rule = await getRule(house, caller, ruleId)
  const normalise = (body: Parameters<SiemRules['normalise']>[0]) => rules.normalise(body)
  const at = { target, normalise }
  const item = { ruleId, reason: reasonOf(target), origin: rule.origin, text: rule.text }
  const content = readRuleText(rule.text).value
  const references = content?.refersTo ?? []
  const claim = { id: ruleId, references, standing: candidate }
  const [flaw = null] = await flawsOf(house, caller, at, [{ ...claim, text: rule.text }])
  if (flaw === null) return { candidate, item, flaw: candidate.observeOnly }
  if (content?.implementations[target.kind] !== undefined) {
    const why = `${rule.title} says something else for this kind of target: ${flaw}`
    return { candidate, why }
  }
  const text = await withImplementation(house, caller, at, candidate, rule.text)
  if (text === undefined) return { candidate, item, flaw }
  const [left = null] = await flawsOf(house, caller, at, [{ ...claim, text }])
  if (left !== null) return { candidate, item, flaw: left }
  const expected = new Set([String(rule.version)])
  return { candidate, item: { ...item, text, expected }, flaw: candidate.observeOnly }
}

/** Undefined where the text cannot be edited safely, or the object makes no rule. */
async function withImplementation(
  house: House,
  caller: Caller,
  at: Parameters<typeof wordFaithfully>[2],
  candidate: WholeCandidate,
  text: string,
): Promise<string | undefined> {
  const [worded] = await wordFaithfully(house, caller, at, [candidate])
  const { kind } = at.target
  const found = worded?.text && readRuleText(worded.text).value?.implementations[kind]
  if (!found) return undefined
  try {
    const path = ['rulewright', 'implementations', kind]
    return editRuleText(text, [{ kind: 'set', path, value: found }])
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

async function bind(
  tx: Tx,
  house: House,
  caller: Caller,
  { target, wish, person }: At,
  { candidate, flaw: found }: Ready,
  outcome: Outcome,
): Promise<Counts> {
  if (!('rule' in outcome)) return refused(candidate, wordsOf(outcome))
  const { rule } = outcome
  const first = await findPlacement(tx, tx.scope, { ruleId: rule.id, targetId: target.id })
  const flaw = first ? standsAlready(first.ref) : found
  const ownership: Ownership = flaw === null ? wish.ownership : 'observe'
  const { workspaceId } = tx.scope
  const row = makeBaseline(house.keys.audit, {
    target,
    candidate,
    rule,
    ownership,
    workspaceId,
    at: caller.now,
    by: person,
    installId: house.keys.installId,
  })
  const isBound = await insertAdoption(tx, row)
  if (!isBound) return refused(candidate, 'Somebody bound it meanwhile.')
  if (flaw !== null) await updateObserved(tx, candidate.id, { observeOnly: flaw })
  await house.audit.record(tx, caller, {
    action: 'rule.adopt',
    target: rule.id,
    data: {
      target: target.id,
      ref: candidate.ref.slice(0, 500).toWellFormed(),
      observed: candidate.id,
      bodyHash: row.hash,
      ownership,
      by: person,
      signature: row.signature,
    },
  })
  if (!first) {
    await place(tx, house, caller, {
      ...baselinePlace(candidate, caller.now),
      ruleId: rule.id,
      targetId: target.id,
      ownership,
      version: rule.version,
    })
  }
  const isNew = outcome.kind === 'created'
  return {
    created: isNew ? 1 : 0,
    linked: isNew ? 0 : 1,
    observeOnly: flaw === null ? 0 : 1,
    refused: [],
    refusedCount: 0,
  }
}

/** Of two objects that are one rule the first is its place; the other is watched beside it. */
const standsAlready = (ref: string) =>
  `The rule stands there already as ${ref.slice(0, 200).toWellFormed()}.`

function wordsOf(outcome: Exclude<Outcome, { readonly rule: unknown }>): string {
  if ('message' in outcome) return outcome.message
  return outcome.problems[0]?.message ?? 'No rule can be kept of it.'
}

function refused({ name }: WholeCandidate, why: string): Counts {
  const one = { name: name.slice(0, 200).toWellFormed(), why: why.slice(0, 500).toWellFormed() }
  return { created: 0, linked: 0, observeOnly: 0, refused: [one], refusedCount: 1 }
}
