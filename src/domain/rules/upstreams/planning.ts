// Makes the plan of an update: every document of the bundle is examined and held against the rules that
// are here. A job's work; safe to repeat from the start, because it writes nothing but the plan.

import { AppError } from '#kernel/error.ts'
import type { RuleId, UpstreamId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { JobProgress } from '#platform/jobs/job.ts'
import { nextTurn } from '#platform/turns.ts'
import type { TaskLimits } from '#platform/worker.ts'
import { examineTexts } from '#domain/rules/examining.ts'
import * as imports from '#domain/rules/imports/store.ts'
import { hashText } from '#domain/rules/rule.ts'
import { selectRulesById, selectRulesBySigmaId, type RuleRow } from '#domain/rules/rule-store.ts'
import { getVersion } from '#domain/rules/version-store.ts'
import { SURE, type UpstreamFinding } from './upstream.ts'
import { nativeTexts, proposeOrigins, type NativeTexts, type Proposal } from './likely.ts'
import { compareTexts } from './merge.ts'
import {
  findingOf,
  placeDocuments,
  readDocument,
  type BundleDocument,
  type Gone,
  type Placed,
  type Regard,
} from './plan.ts'
import * as store from './store.ts'

const LIMITS: TaskLimits = { timeoutMs: 120_000 }
/** Documents examined in one go: others get their turn in the worker between. */
const CHUNK = 250

export interface UpdateNamed {
  readonly upstreamId: UpstreamId
  readonly number: number
}

/** In the body of a write. Throws `conflict` once a newer bundle has taken its place. */
export async function requireLatest(tx: Tx, { upstreamId, number }: UpdateNamed): Promise<void> {
  const { latest } = await store.getUpstream(tx, tx.scope, upstreamId)
  if (latest !== number) {
    throw new AppError(
      'conflict',
      'A newer bundle of this upstream has taken the place of this one.',
    )
  }
}

export interface PlanWatch {
  readonly signal: AbortSignal
  readonly report: (progress: JobProgress) => void
}

/** Returns how many items the plan has. Throws what the signal aborts with. */
export async function planUpdate(
  house: House,
  caller: Caller,
  { upstreamId, number }: UpdateNamed,
  { signal, report }: PlanWatch,
): Promise<number> {
  const documents: BundleDocument[] = []
  for (;;) {
    signal.throwIfAborted()
    const chunk = await examineChunk(house, caller, upstreamId, documents.at(-1)?.position ?? 0)
    documents.push(...chunk)
    report({ done: documents.length, total: null, unit: 'documents', note: 'Reading' })
    if (chunk.length < CHUNK) break
  }
  await nextTurn() // the reader is not used in the turn of a commit
  const { placed: found, gone } = placeDocuments(
    documents,
    await readHere(house, caller, upstreamId, documents),
  )
  const placed = await proposeRules(house, caller, found)
  for (let at = 0; at < placed.length; at += CHUNK) {
    signal.throwIfAborted()
    const chunk = placed.slice(at, at + CHUNK)
    const planned: Planned[] = []
    for (const one of chunk) planned.push(await planOne(house, caller, upstreamId, one))
    await house.db.write(caller, async (tx) => {
      await requireLatest(tx, { upstreamId, number })
      for (const { position, ...change } of planned) {
        await store.updateItem(tx, upstreamId, position, change)
      }
    })
    await nextTurn()
    const note = chunk.at(-1)!.document.path.slice(0, 200)
    report({ done: at + chunk.length, total: placed.length, unit: 'documents', note })
  }
  await house.db.write(caller, async (tx) => {
    await requireLatest(tx, { upstreamId, number })
    await store.updateUpdate(tx, upstreamId, number, { state: 'open' })
    const last = documents.at(-1)?.position ?? 0
    await store.deleteItems(tx, upstreamId, last + 1)
    const rows = await selectRulesById(
      tx,
      tx.scope,
      gone.map(({ link }) => link.ruleId),
    )
    const living = new Map(
      rows.filter(({ state }) => state !== 'retired').map((row) => [row.id, row]),
    )
    const items = gone.flatMap((one) => {
      const rule = living.get(one.link.ruleId)
      return rule ? [goneItem(one, rule)] : []
    })
    const numbered = items.map((item, at) => ({ ...item, position: last + 1 + at }))
    await store.insertItems(tx, upstreamId, numbered)
  })
  return placed.length + gone.length
}

async function examineChunk(
  house: House,
  caller: Caller,
  upstreamId: UpstreamId,
  after: number,
): Promise<readonly BundleDocument[]> {
  await nextTurn()
  const reader = house.db.read(caller.scope)
  const found = await store.selectItemRows(reader, caller.scope, upstreamId, {
    after,
    limit: CHUNK,
  })
  const rows = found.filter((row) => !isGoneItem(row))
  const texts = rows.map(({ text }) => text)
  const examined = await examineTexts(house, caller, texts, LIMITS)
  return rows.map((row, at) =>
    readDocument({ ...row, problems: store.readProblems(row.problems) }, examined[at]!),
  )
}

/** What an earlier plan added behind the documents. */
function isGoneItem({ text, ruleId }: store.ItemRow): boolean {
  return text === '' && ruleId !== null
}

/** Rules in the words of a product bear no id that others know: the likeliest is proposed. */
async function proposeRules(
  house: House,
  caller: Caller,
  placed: readonly Placed[],
): Promise<readonly (Placed & { readonly proposal?: Proposal })[]> {
  const open = placed.flatMap(({ finding, document: { native, position } }) =>
    finding === 'new' && native !== null ? [{ ...native, position }] : [],
  )
  if (open.length === 0) return placed
  const rules: (NativeTexts & { readonly ruleId: RuleId })[] = []
  for (let after: RuleId | null = null; ;) {
    await nextTurn()
    const page = { after, limit: CHUNK }
    const rows: Rows = await store.selectUnfollowedNative(
      house.db.read(caller.scope),
      caller.scope,
      page,
    )
    const examined = await examineTexts(
      house,
      caller,
      rows.map(({ text }) => text),
      LIMITS,
    )
    for (const [at, { id }] of rows.entries()) {
      const { content } = examined[at]!
      const texts = content && nativeTexts(content)
      if (texts) rules.push({ ...texts, ruleId: id })
    }
    if (rows.length < CHUNK) break
    after = rows.at(-1)!.id
  }
  const proposals = proposeOrigins(open, rules)
  return placed.map((one) => {
    const proposal = proposals.get(one.document.position)
    return proposal ? { ...one, proposal } : one
  })
}

type Rows = Awaited<ReturnType<typeof store.selectUnfollowedNative>>

async function readHere(
  house: House,
  { scope }: Caller,
  upstreamId: UpstreamId,
  documents: readonly BundleDocument[],
) {
  const reader = house.db.read(scope)
  const links = await store.selectLinks(reader, scope, upstreamId)
  const followers = await store.selectFollowers(reader, scope)
  const ids = documents.flatMap(({ sigmaId }) => sigmaId ?? [])
  const rows = await selectRulesBySigmaId(reader, scope, ids)
  return {
    links,
    idOf: new Map(rows.map((row) => [row.sigmaId!, row.id])),
    elsewhere: new Set(
      followers.filter((one) => one.upstreamId !== upstreamId).map(({ ruleId }) => ruleId),
    ),
  }
}

type Planned = Pick<store.ItemRow, 'position'> & Omit<Partial<store.ItemRow>, 'position'>

async function planOne(
  house: House,
  caller: Caller,
  upstreamId: UpstreamId,
  placed: Placed & { readonly proposal?: Proposal },
): Promise<Planned> {
  const { document, ruleId, finding, successor, problem, proposal } = placed
  const { position, title, sigmaId } = document
  const problems = problem ? [...document.problems, problem] : document.problems
  const told = {
    position,
    title,
    sigmaId,
    successor,
    problems: JSON.stringify(problems),
    merged: null,
    conflicts: 0,
    ruleId,
    ruleVersion: null,
    confidence: null,
    choice: null,
    result: null,
  }
  if (proposal) {
    const { confidence, why } = proposal
    const likely: Problem = { code: 'upstream/likely', severity: 'info', message: why }
    const said = JSON.stringify([...problems, likely])
    return { ...told, finding: 'likely', ruleId: proposal.ruleId, confidence, problems: said }
  }
  if (finding !== null || ruleId === null) return { ...told, finding: finding ?? 'new' }
  const reader = house.db.read(caller.scope)
  const { text } = await store.getItemRow(reader, caller.scope, upstreamId, position)
  const regard = { isDeprecated: document.isDeprecated, successor }
  return {
    ...told,
    ...(await compareWithRule(house, caller, { upstreamId, ruleId, text, regard })),
  }
}

interface ToCompare {
  readonly upstreamId: UpstreamId
  readonly ruleId: RuleId
  /** Of the document. */
  readonly text: string
  readonly regard: Regard
}

async function compareWithRule(house: House, caller: Caller, given: ToCompare) {
  const { scope } = caller
  const reader = house.db.read(scope)
  const [rule] = await selectRulesById(reader, scope, [given.ruleId])
  if (!rule || rule.state === 'retired') return { finding: 'left_out' as const }
  const ruleVersion = rule.version
  if (rule.contentHash === hashText(given.text)) {
    return { finding: findingOf(given.regard, 'unchanged'), ruleVersion }
  }
  const base = await findBase(house, caller, given)
  const { text: mine } = await getVersion(reader, scope, rule.id, rule.version)
  const { finding, ...merged } = await compareTexts(house, { base, mine, theirs: given.text })
  const confidence = finding === 'likely' ? SURE : null
  return { ...merged, finding: findingOf(given.regard, finding), ruleVersion, confidence }
}

/** The text of this upstream that the rule follows, or what an import brought of it last. */
export async function findBase(
  { db }: House,
  { scope }: Caller,
  { upstreamId, ruleId }: Pick<ToCompare, 'upstreamId' | 'ruleId'>,
): Promise<string | null> {
  const reader = db.read(scope)
  const link = await store.findLink(reader, scope, ruleId)
  if (link?.upstreamId === upstreamId) return link.text
  return (await imports.findBase(reader, scope, ruleId))?.text ?? null
}

/** The item planned anew, after somebody saved the rule: what changed of its row. */
export async function planAgain(
  house: House,
  caller: Caller,
  upstreamId: UpstreamId,
  item: store.ItemRow & { readonly ruleId: RuleId; readonly finding: UpstreamFinding },
) {
  const { text, ruleId, finding, successor } = item
  const regard = { isDeprecated: finding === 'deprecated', successor }
  const planned = await compareWithRule(house, caller, { upstreamId, ruleId, text, regard })
  return { merged: null, conflicts: 0, choice: null, ...planned }
}

function goneItem({ link, successor }: Gone, { title, version }: RuleRow): store.ItemRow {
  return {
    position: 0,
    path: link.path,
    title,
    sigmaId: link.sigmaId,
    finding: successor === null ? 'gone' : 'replaced',
    problems: '[]',
    text: '',
    contentHash: '',
    merged: null,
    conflicts: 0,
    ruleId: link.ruleId,
    ruleVersion: version,
    successor,
    confidence: null,
    choice: null,
    result: null,
  }
}
