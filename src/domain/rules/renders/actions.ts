// Compiled queries of rules: made at each save, shown, made again when what they were made from is
// another one. Compiling happens in worker threads.

import { permit } from '#domain/access/permission.ts'
import { hashPlaces, listMappedPlaces } from '#domain/mappings/places.ts'
import type { ExclusionId, RuleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { fillLists, listsNamed, type ValueList } from '#languages/sigma/fill.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { nextTurn } from '#platform/turns.ts'
import type { House } from '#platform/house.ts'
import { VERSION } from '#platform/version.ts'
import type { TaskLimits, Workers } from '#platform/worker.ts'
import { findFlaw } from '#domain/rules/exclusions/proof.ts'
import { selectLaidOver } from '#domain/rules/exclusions/store.ts'
import { listNameOf } from '#domain/rules/lists/list.ts'
import { selectListsNamed } from '#domain/rules/lists/store.ts'
import { getRule } from '#domain/rules/rule-store.ts'
import { getVersion } from '#domain/rules/version-store.ts'
import type { RenderedBody } from './body.ts'
import { renderRules, type RenderedRule } from './task.ts'
import { refuse, type Rendering, type RenderInput, type StoredRender } from './render.ts'
import {
  saveRenders,
  selectIdle,
  selectPending,
  selectReferences,
  selectRenders,
  selectSources,
} from './store.ts'

/** Another release may compile otherwise, so each is a renderer of its own. */
export const RENDERER = VERSION

const LIMITS: TaskLimits = { timeoutMs: 60_000 }

export interface TextToRender {
  /** Absent for a rule that is not there yet: nothing is laid over it. */
  readonly id?: RuleId | undefined
  readonly text: string
  readonly references: readonly string[]
  /** As if it were not there. */
  readonly without?: ExclusionId
}

export interface MadeRenders extends RenderedRule {
  /** What was compiled: the rule with the values of its reference lists. */
  readonly text: string
  /** Content hashes of what it builds on and what is laid over it, to see whether that is still so. */
  readonly madeFrom: string
  /** When what is laid over it ends, the soonest first: from then on it compiles to something else. */
  readonly ends: readonly Instant[]
}

/** An exclusion that the transaction which needs the rendering will write. */
export interface ExclusionToCome {
  readonly exclusionId: ExclusionId
  readonly ruleId: RuleId
  readonly text: string
  readonly contentHash: string
}

/**
 * In the order of the texts. Looks for what correlations build on, and for exclusions, in the workspace;
 * those `toCome` are laid over as if they were there.
 */
export async function makeRenders(
  { db, workers }: House,
  { scope, now }: Caller,
  texts: readonly TextToRender[],
  toCome: readonly ExclusionToCome[] = [],
): Promise<readonly MadeRenders[]> {
  const reader = db.read(scope)
  const targets = await listMappedPlaces(reader, scope)
  const places = await hashPlaces(reader, scope)
  const inputs: RenderInput[] = []
  const beside: Pick<MadeRenders, 'madeFrom' | 'ends'>[] = []
  for (const { text, ...rule } of texts) {
    const { madeFrom, ends, lists, ...around } = await lookAround(reader, scope, rule, now, toCome)
    beside.push({ madeFrom: `${places} ${madeFrom}`, ends })
    inputs.push({ text: fillLists(text, lists), ...around, targets, renderer: RENDERER })
  }
  const made = await workers.run(renderRules, inputs, LIMITS)
  const proved: MadeRenders[] = []
  for (const [at, one] of made.entries()) {
    const { text } = inputs[at]!
    proved.push({ ...(await runProofs(workers, one, now)), text, ...beside[at]! })
  }
  return proved
}

/** A query of the rule's own with exclusions in it counts only when its proof holds. */
async function runProofs(
  workers: Workers,
  { renderings, bodies }: RenderedRule,
  now: Instant,
): Promise<RenderedRule> {
  const judged: Rendering[] = []
  for (const { proof, ...rendering } of renderings) {
    const flaw = proof && (await findFlaw(workers, proof, now))
    judged.push(flaw ? refuse(rendering, flaw) : rendering)
  }
  const usual = judged.filter(({ target }) => target === null)
  const refused = new Set(usual.flatMap(({ kind, state }) => (state === 'ok' ? [] : kind)))
  const mapped = new Set(judged.map(({ target }) => target))
  const isKept = ({ kind, overlay }: RenderedBody) =>
    !refused.has(kind) || (overlay !== null && mapped.has(overlay))
  return { renderings: judged, bodies: bodies.filter(isKept) }
}

interface RuleToKeep {
  readonly id: RuleId
  readonly version: number
  readonly references: readonly string[]
  /** Nothing can be laid over it yet. */
  readonly isNew?: boolean
}

/** Stores what was made, and marks it when what it was made from is another one by now. */
export async function keepRenders(
  tx: Tx,
  { now }: Caller,
  rule: RuleToKeep,
  { renderings, bodies, madeFrom }: MadeRenders,
): Promise<void> {
  const { references } = rule
  const around = rule.isNew ? { references } : { id: rule.id, references }
  const current = await lookAround(tx, tx.scope, around, now)
  const places = await hashPlaces(tx, tx.scope)
  await saveRenders(tx, {
    ruleId: rule.id,
    version: rule.version,
    renderer: RENDERER,
    at: now,
    isPending: `${places} ${current.madeFrom}` !== madeFrom,
    renderings,
    bodies,
  })
}

export interface Around extends Pick<RenderInput, 'filters' | 'sources'> {
  /** Those that its own text may name; the other texts have their values in them already. */
  readonly lists: readonly ValueList[]
  readonly madeFrom: string
  /** As MadeRenders; of those that are there already. */
  readonly ends: readonly Instant[]
}

/** What a rule is compiled and tested with, beside its own text. */
export async function lookAround(
  db: Pick<Reader, 'selectFrom'>,
  scope: WorkspaceScope,
  { id, references, without }: Omit<TextToRender, 'text'>,
  now: Instant,
  toCome: readonly ExclusionToCome[] = [],
): Promise<Around> {
  const sources = await selectSources(db, scope, references)
  const ids = [...(id === undefined ? [] : [id]), ...sources.map((one) => one.id)]
  const known = await selectLaidOver(db, scope, ids, now)
  const inForce = known.filter(({ exclusionId }) => exclusionId !== without)
  // In the order in which they will be found once they are there.
  const laidOver = [...inForce, ...toCome.filter(({ ruleId }) => ids.includes(ruleId))].toSorted(
    (one, other) => (one.exclusionId < other.exclusionId ? -1 : 1),
  )
  const named = [
    ...references.flatMap((one) => listNameOf(one) ?? []),
    ...[...sources, ...laidOver].flatMap(({ text }) => listsNamed(text)),
  ]
  const lists = await selectListsNamed(db, scope, [...new Set(named)])
  const over = (ruleId: RuleId | undefined) =>
    laidOver.filter((one) => one.ruleId === ruleId).map(({ text }) => fillLists(text, lists))
  const hashes = [...sources, ...laidOver, ...lists].map(({ contentHash }) => contentHash)
  return {
    filters: over(id),
    sources: sources.map((one) => ({ text: fillLists(one.text, lists), filters: over(one.id) })),
    lists,
    madeFrom: hashes.join(' '),
    ends: [...new Set(inForce.map(({ endsAt }) => endsAt))].toSorted((a, b) => a - b),
  }
}

/** One for each kind of place. Throws `forbidden` for a rule that is not here. */
export async function listRenders(
  house: House,
  caller: Caller,
  id: RuleId,
): Promise<readonly StoredRender[]> {
  permit(caller, 'rule.read')
  const reader = house.db.read(caller.scope)
  await getRule(reader, caller.scope, id)
  return selectRenders(reader, caller.scope, id, RENDERER)
}

/** Rules whose renderings are not of what is there now, in the order of their ids. */
export async function listPendingRenders(
  house: House,
  caller: Caller,
  page: { readonly limit: number; readonly after: RuleId | null },
): Promise<readonly RuleId[]> {
  permit(caller, 'rule.read')
  const reader = house.db.read(caller.scope)
  return selectPending(reader, caller.scope, { renderer: RENDERER, ...page })
}

/** Compiles a rule again from what is there now. Makes no version. Audited. */
export async function renderAgain(
  house: House,
  caller: Caller,
  id: RuleId,
): Promise<readonly StoredRender[]> {
  permit(caller, 'rule.write')
  const rule = await readForRender(house.db.read(caller.scope), caller.scope, id)
  const [made] = await makeRenders(house, caller, [rule])
  return house.db.write(caller, async (tx) => {
    const { version } = await getRule(tx, tx.scope, id)
    // Whoever saved meanwhile has compiled the newer text already.
    if (version === rule.version) await keepRenders(tx, caller, rule, made!)
    await house.audit.record(tx, caller, {
      action: 'rule.render',
      target: id,
      data: { version, renderer: RENDERER },
    })
    return selectRenders(tx, tx.scope, id, RENDERER)
  })
}

export type RuleToRender = RuleToKeep & { readonly text: string }

export async function readForRender(
  reader: Reader,
  scope: WorkspaceScope,
  id: RuleId,
): Promise<RuleToRender> {
  const { version } = await getRule(reader, scope, id)
  const { text } = await getVersion(reader, scope, id, version)
  return { id, version, text, references: await selectReferences(reader, scope, [id]) }
}

/**
 * Of these rules, those that are pending are compiled from what is there now; and so is every pending one
 * that compiles for no place, because nothing can run that would change: mostly a correlation that came
 * before the rules it names.
 */
export async function renderPending(
  house: House,
  caller: Caller,
  ids: ReadonlySet<RuleId>,
): Promise<void> {
  let after: RuleId | null = null
  for (;;) {
    const reader = house.db.read(caller.scope)
    const page = await selectPending(reader, caller.scope, {
      renderer: RENDERER,
      limit: 100,
      after,
    })
    const rules: Awaited<ReturnType<typeof readForRender>>[] = []
    const others = page.filter((id) => !ids.has(id))
    const idle = new Set(await selectIdle(reader, caller.scope, others))
    for (const id of page) {
      if (ids.has(id) || idle.has(id)) rules.push(await readForRender(reader, caller.scope, id))
    }
    if (rules.length > 0) {
      const made = await makeRenders(house, caller, rules)
      await house.db.write(caller, async (tx) => {
        for (const [at, rule] of rules.entries()) {
          const { version } = await getRule(tx, tx.scope, rule.id)
          if (version === rule.version) await keepRenders(tx, caller, rule, made[at]!)
        }
      })
      await nextTurn() // the reader is not used in the turn of a commit
    }
    if (page.length < 100) return
    after = page.at(-1)!
  }
}
