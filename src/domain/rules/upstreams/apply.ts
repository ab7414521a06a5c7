// Applies what is decided of a plan, batch by batch: one version and one audit entry a rule. Safe to
// repeat: what became of an item is written in the transaction that writes its rule, and what a person
// saved since it was planned is planned anew first.

import type { RuleId, UpstreamId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { saveRules, type Outcome } from '#domain/rules/save-many.ts'
import { selectRulesById } from '#domain/rules/rule-store.ts'
import type { RuleText } from '#domain/rules/save.ts'
import { getVersion } from '#domain/rules/version-store.ts'
import { isDecided, type Upstream, type UpstreamResult } from './upstream.ts'
import { takeTheirs } from './merge.ts'
import { findBase, planAgain, requireLatest, type PlanWatch, type UpdateNamed } from './planning.ts'
import * as store from './store.ts'

const BATCH = 200

export interface ApplyWish extends UpdateNamed {
  /** Takes rules that are not here yet. */
  readonly addsNew: boolean
}

/** Throws what the signal aborts with, after a whole batch; `conflict` once a newer bundle came. */
export async function applyUpdate(
  house: House,
  caller: Caller,
  { addsNew, ...update }: ApplyWish,
  { signal, report }: PlanWatch,
): Promise<void> {
  const { upstreamId, number } = update
  const { scope } = caller
  await nextTurn()
  const upstream = await store.getUpstream(house.db.read(scope), scope, upstreamId)
  const updates = await store.selectUpdates(house.db.read(scope), scope, upstreamId, 1)
  const from = { upstream, label: updates[0]?.label ?? '', update }
  for (let after = 0; ;) {
    signal.throwIfAborted()
    await nextTurn() // the reader is not used in the turn of a commit
    const page = { after, limit: BATCH, isOpen: true }
    const open = await store.selectItemRows(house.db.read(scope), scope, upstreamId, page)
    if (open.length === 0) break
    const fresh = await refresh(
      house,
      caller,
      update,
      open.filter((one) => isDecided(one, addsNew)),
    )
    await applyBatch(house, caller, from, fresh, signal)
    after = open.at(-1)!.position
    report({ done: after, total: null, unit: 'documents', note: open.at(-1)!.path.slice(0, 200) })
  }
  await house.db.write(caller, async (tx) => {
    await store.updateUpdate(tx, upstreamId, number, { state: 'open' })
  })
}

/** Without those that turn out to need a person, after somebody saved the rule meanwhile. */
async function refresh(
  house: House,
  caller: Caller,
  update: UpdateNamed,
  items: readonly store.ItemRow[],
): Promise<readonly store.ItemRow[]> {
  const { scope } = caller
  const ids = items.flatMap(({ ruleId }) => ruleId ?? [])
  const rows = await selectRulesById(house.db.read(scope), scope, ids)
  const versions = new Map(rows.map((row) => [row.id, row.version]))
  const fresh: store.ItemRow[] = []
  for (const item of items) {
    const { ruleId, ruleVersion, finding, text, position } = item
    // Whoever said where a rule came from said nothing of its text.
    const hangsOn = text !== '' && item.choice !== 'link' && item.choice !== 'add'
    const isMoved = ruleId !== null && hangsOn && versions.get(ruleId) !== ruleVersion
    if (!isMoved || finding === null) {
      fresh.push(item)
      continue
    }
    await nextTurn()
    const change = await planAgain(house, caller, update.upstreamId, { ...item, ruleId, finding })
    await house.db.write(caller, async (tx) => {
      await requireLatest(tx, update)
      await store.updateItem(tx, update.upstreamId, position, change)
    })
    const replanned = { ...item, ...change }
    if (isDecided(replanned, false)) fresh.push(replanned)
  }
  await nextTurn()
  return fresh
}

interface From {
  readonly upstream: Upstream
  readonly label: string
  readonly update: UpdateNamed
}

async function applyBatch(
  house: House,
  caller: Caller,
  from: From,
  items: readonly store.ItemRow[],
  signal: AbortSignal,
): Promise<void> {
  const writes: { item: store.ItemRow; text: RuleText }[] = []
  const rest: store.ItemRow[] = []
  for (const item of items) {
    const text = await textOf(house, caller, from, item)
    if (text === undefined) rest.push(item)
    else writes.push({ item, text })
  }
  await house.db.write(caller, async (tx) => {
    await requireLatest(tx, from.update)
    for (const item of rest) {
      const result = item.finding === 'unchanged' ? 'same' : 'kept'
      await settle(tx, from.update, item, { result, ruleId: item.ruleId })
    }
  })
  const texts = writes.map(({ text }) => text)
  await saveRules(house, caller, texts, {
    signal,
    within: async (tx, outcomes, at) => {
      await requireLatest(tx, from.update)
      for (const [index, outcome] of outcomes.entries()) {
        const { item } = writes[at + index]!
        await settle(tx, from.update, item, toResult(item, outcome))
      }
    },
  })
}

/** What the rule becomes; undefined where its text stays as it is. */
async function textOf(
  house: House,
  caller: Caller,
  { upstream, label }: From,
  item: store.ItemRow,
): Promise<RuleText | undefined> {
  const { ruleId, ruleVersion, choice, finding, text, merged } = item
  const reason = `From ${upstream.name}, ${label}`.slice(0, 500)
  if (ruleId === null || choice === 'add') return { text, reason, origin: 'upstream' }
  const keeps = choice === 'mine' || choice === 'link' || finding === 'unchanged' || text === ''
  if (keeps) return undefined
  const expected = new Set([String(ruleVersion)])
  const over = { ruleId, expected, reason, origin: 'upstream' as const }
  if (choice !== 'theirs') return { ...over, text: merged ?? text }
  const reader = house.db.read(caller.scope)
  const { text: mine } = await getVersion(reader, caller.scope, ruleId, ruleVersion ?? 1)
  const base = await findBase(house, caller, { upstreamId: upstream.id, ruleId })
  return { ...over, text: await takeTheirs(house, { base, mine, theirs: text }) }
}

interface Settled {
  readonly result: UpstreamResult
  readonly ruleId: RuleId | null
  readonly problems?: string
}

function toResult(item: store.ItemRow, outcome: Outcome): Settled {
  if ('rule' in outcome) return { result: outcome.kind, ruleId: outcome.rule.id }
  if (outcome.kind === 'stale') return { result: 'stale', ruleId: item.ruleId }
  const problems =
    outcome.kind === 'refused'
      ? outcome.problems
      : [{ code: `upstream/${outcome.kind}`, severity: 'error', message: outcome.message }]
  return { result: 'refused', ruleId: item.ruleId, problems: JSON.stringify(problems) }
}

/** What became of an item, and from now on the rule is held against this text. */
async function settle(
  tx: Tx,
  { upstreamId, number }: { upstreamId: UpstreamId; number: number },
  item: store.ItemRow,
  settled: Settled,
): Promise<void> {
  await store.updateItem(tx, upstreamId, item.position, settled)
  const { ruleId, result } = settled
  if (ruleId === null || result === 'refused' || result === 'stale') return
  const { finding, path, sigmaId, text, contentHash, successor } = item
  const isGone = text === ''
  const before = await store.findLink(tx, tx.scope, ruleId)
  await store.saveLink(tx, {
    ruleId,
    upstreamId,
    number,
    path,
    sigmaId: isGone ? (before?.sigmaId ?? sigmaId) : sigmaId,
    text: isGone ? (before?.text ?? '') : text,
    contentHash: isGone ? (before?.contentHash ?? '') : contentHash,
    standing: standingOf(item),
    successor: finding === 'replaced' ? successor : null,
  })
}

function standingOf({ finding, successor, sigmaId }: store.ItemRow) {
  if (finding === 'gone' || finding === 'deprecated') return finding
  // A rule that took on the id of its successor is that rule now.
  return finding === 'replaced' && successor !== sigmaId ? 'replaced' : 'followed'
}
