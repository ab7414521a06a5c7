// Keeping rule texts: examined in a worker thread first, then written in one transaction with the index,
// the audit entry and the event. One text is one version; the same text again is none.

import { AppError, assert } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type RuleId, type WorkspaceId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { ExpectedVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { TaskLimits } from '#platform/worker.ts'
import { findFile } from '#domain/rules/files/store.ts'
import { groupOfPath } from '#domain/rules/files/folder.ts'
import { keepGroup, requireGroupWithin } from '#domain/rules/groups/actions.ts'
import { markPending } from '#domain/rules/renders/store.ts'
import { keepRenders, makeRenders, type MadeRenders } from '#domain/rules/renders/actions.ts'
import { readRuleText } from './content.ts'
import type { ExaminedRule } from './examined.ts'
import { examineTexts } from './examining.ts'
import {
  countProblems,
  hashText,
  levelRank,
  requireRevision,
  sortTitle,
  tagsToFind,
  type RuleOrigin,
  type RuleSummary,
} from './rule.ts'
import {
  findRuleBySigmaId,
  getRule,
  insertRule,
  toSummary,
  updateRule,
  type Parts,
  type RuleIndex,
  type RuleRow,
} from './rule-store.ts'
import { getVersion, insertVersion } from './version-store.ts'

/** A text on its way to become a version. */
export interface RuleText {
  readonly text: string
  /** Why; people read it in the history. */
  readonly reason: string
  /** Of a new rule; an existing one keeps its own. */
  readonly origin: RuleOrigin
  /** Of a new rule whose text names none. */
  readonly folderGroup?: string | null
  /** The rule it is a version of; a new one when absent. */
  readonly ruleId?: RuleId
  /** Over which versions it may be written. */
  readonly expected?: ExpectedVersion
  readonly restoredFrom?: number
}

/** A text that was examined and may be written. */
export interface PreparedText extends RuleText {
  readonly index: RuleIndex
  readonly parts: Parts
  readonly renders: MadeRenders
}

export interface Kept {
  /** `same`: the rule has this text already, and no version was made. */
  readonly outcome: 'created' | 'saved' | 'same'
  readonly rule: RuleSummary
  /** Rules that build on it and are pending since. */
  readonly marked: readonly RuleId[]
}

export const LIMITS: TaskLimits = { timeoutMs: 20_000 }

/** In the order given: what may be written, compiled already, or why a text cannot be kept. */
export async function prepareTexts(
  house: House,
  caller: Caller,
  items: readonly RuleText[],
): Promise<readonly (PreparedText | RefusedText)[]> {
  const texts = items.map(({ text }) => text)
  const examined = await examineTexts(house, caller, texts, LIMITS)
  const indexed = items.map((item, at) => toIndexed(item, examined[at]!))
  const keepable = indexed.filter((one) => 'index' in one)
  const renders = await makeRenders(
    house,
    caller,
    keepable.map(({ ruleId, text, parts }) => ({ id: ruleId, text, references: parts.references })),
  )
  const byText = new Map(keepable.map((one, at) => [one, renders[at]!]))
  return indexed.map((one) => ('index' in one ? { ...one, renders: byText.get(one)! } : one))
}

interface RefusedText {
  readonly problems: readonly Problem[]
}

function toIndexed(
  item: RuleText,
  { content, problems, words }: ExaminedRule,
): Omit<PreparedText, 'renders'> | RefusedText {
  if (content === undefined) return { problems }
  const tags = content.tags.map((tag) => tag.toWellFormed())
  const { product, category, service } = content.logsource ?? {}
  const expects = (what: 'match' | 'no_match') =>
    content.tests.filter(({ expect }) => expect === what).length
  const index: RuleIndex = {
    contentHash: hashText(item.text),
    kind: content.kind,
    format: content.format,
    title: content.title.toWellFormed(),
    sortTitle: sortTitle(content.title.toWellFormed()),
    sigmaId: content.sigmaId?.toWellFormed() ?? null,
    name: content.name?.toWellFormed() ?? null,
    level: content.level,
    levelRank: levelRank(content.level),
    status: content.status,
    owner: content.owner,
    group: content.group,
    product: product?.toLowerCase() ?? null,
    category: category?.toLowerCase() ?? null,
    service: service?.toLowerCase() ?? null,
    tags: JSON.stringify(tags),
    ...countProblems(problems),
    positiveTests: expects('match'),
    negativeTests: expects('no_match'),
    testVerdict: null,
  }
  const parts = {
    words: words.toWellFormed(),
    tags: tagsToFind(tags),
    references: [...new Set(content.refersTo.map((one) => one.toWellFormed()))],
  }
  return { ...item, index, parts }
}

/** Writes one version with its audit entry. Throws as checkText. */
export async function keepText(
  tx: Tx,
  house: House,
  caller: Caller,
  prepared: PreparedText,
): Promise<Kept> {
  return writeText(tx, house, caller, prepared, await checkText(tx, prepared))
}

const REFUSALS = ['stale', 'conflict', 'forbidden'] as const

/** Another version is there, another rule bears the Sigma id, or there is no such rule. */
export interface NotKept {
  readonly outcome: (typeof REFUSALS)[number]
  readonly message: string
}

/** As keepText, for one of many: what it refuses is told, and the transaction goes on without it. */
export async function tryToKeep(
  tx: Tx,
  house: House,
  caller: Caller,
  prepared: PreparedText,
): Promise<Kept | NotKept> {
  let before: RuleRow | undefined
  try {
    before = await checkText(tx, prepared) // changes nothing, so what it refuses leaves nothing behind
  } catch (error) {
    const outcome = error instanceof AppError && REFUSALS.find((code) => code === error.code)
    if (!outcome) throw error
    return { outcome, message: error.message }
  }
  return writeText(tx, house, caller, prepared, before)
}

/**
 * The rule it is a version of, if there is one. Throws `stale` when that has another version than
 * expected, `conflict` when another rule bears the Sigma id, `forbidden` for a rule not here.
 */
async function checkText(
  tx: Tx,
  { ruleId, index, expected = 'any' }: PreparedText,
): Promise<RuleRow | undefined> {
  const before = ruleId === undefined ? undefined : await getRule(tx, tx.scope, ruleId)
  if (before && before.contentHash !== index.contentHash) requireRevision(expected, before)
  await requireOwnId(tx, index.sigmaId, before)
  return before
}

/** `before` is what checkText said in the same transaction. */
async function writeText(
  tx: Tx,
  house: House,
  caller: Caller,
  prepared: PreparedText,
  before: RuleRow | undefined,
): Promise<Kept> {
  if (before && before.contentHash === prepared.index.contentHash) {
    return { outcome: 'same', rule: toSummary(before), marked: [] }
  }
  const rule = before
    ? await writeOver(tx, caller, prepared, before)
    : await writeNew(tx, house, caller, prepared)
  await requireGroupWithin(tx, caller, rule.group)
  const { id, version, contentHash, title } = rule
  await insertVersion(tx, {
    ruleId: id,
    number: version,
    text: prepared.text,
    contentHash,
    reason: prepared.reason,
    restoredFrom: prepared.restoredFrom ?? null,
    createdAt: caller.now,
    createdBy: caller.actor,
  })
  if (rule.group !== null && rule.group !== before?.group) {
    await keepGroup(tx, house, caller, rule.group)
  }
  const { references } = prepared.parts
  await keepRenders(tx, caller, { id, version, references, isNew: !before }, prepared.renders)
  const marked = await markPending(tx, namesOf(before, rule))
  const { restoredFrom } = prepared
  await house.audit.record(tx, caller, {
    action: before ? (restoredFrom === undefined ? 'rule.save' : 'rule.restore') : 'rule.create',
    target: id,
    data: {
      version,
      contentHash,
      title: title.slice(0, AUDIT_TITLE_CHARS).toWellFormed(),
      ...(prepared.reason === '' ? {} : { reason: prepared.reason }),
      ...(restoredFrom === undefined ? {} : { restoredFrom }),
      ...(before ? {} : { origin: rule.origin }),
    },
  })
  tellPages(tx, house, id, before ? 'changed' : 'added')
  return { outcome: before ? 'saved' : 'created', rule: toSummary(rule), marked }
}

const AUDIT_TITLE_CHARS = 200

export function tellPages(
  tx: Tx,
  { events }: House,
  id: RuleId,
  verb: 'added' | 'changed' | 'removed',
): void {
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  events.publish(tx, { workspaceId, noun: 'rule', id, verb })
}

/** Those by which a correlation may know it, also those it had until now. */
export function namesOf(...rules: readonly (RuleRow | undefined)[]): readonly string[] {
  const names = rules.flatMap((rule) => [rule?.sigmaId, rule?.name])
  return [...new Set(names.filter((name) => typeof name === 'string'))]
}

async function writeNew(
  tx: Tx,
  house: House,
  { now, actor }: Caller,
  { index, origin, parts, folderGroup = null }: PreparedText,
): Promise<RuleRow> {
  const row = {
    ...index,
    group: index.group ?? folderGroup,
    id: makeId(ID_PREFIXES.rule, now, house.random(10)),
    state: 'draft' as const,
    origin,
    version: 1,
    createdAt: now,
    createdBy: actor,
    updatedAt: now,
    updatedBy: actor,
  }
  await insertRule(tx, row, parts)
  return { ...row, workspaceId: tx.scope.workspaceId, number: 0 }
}

async function writeOver(
  tx: Tx,
  { now, actor }: Caller,
  { index, parts }: PreparedText,
  before: RuleRow,
): Promise<RuleRow> {
  const group = index.group ?? (await groupOfFolder(tx, before))
  const version = before.version + 1
  const change = { ...index, group, version, updatedAt: now, updatedBy: actor }
  await updateRule(tx, before.id, change, parts)
  return { ...before, ...change }
}

/** A rule whose text names no group stays in the one that a folder gave it. */
async function groupOfFolder(tx: Tx, { id, version, group }: RuleRow): Promise<string | null> {
  const file = await findFile(tx, tx.scope, id)
  if (file) return groupOfPath(file.path)
  if (group === null) return null
  const { text } = await getVersion(tx, tx.scope, id, version)
  return readRuleText(text).value?.group === group ? null : group
}

async function requireOwnId(
  tx: Tx,
  sigmaId: string | null,
  before: RuleRow | undefined,
): Promise<void> {
  if (sigmaId === null || before?.sigmaId === sigmaId) return
  const other = await findRuleBySigmaId(tx, tx.scope, sigmaId)
  if (!other) return
  throw new AppError(
    'conflict',
    `The rule "${other.title.slice(0, AUDIT_TITLE_CHARS)}" has the id ${sigmaId.slice(0, 100)} already. Save this text as a version of that rule, or give it another id.`,
    { details: { ruleId: other.id } },
  )
}

/** Throws `invalid` with every problem of a text that cannot be kept. */
export function requireKeepable(prepared: PreparedText | RefusedText): PreparedText {
  if ('index' in prepared) return prepared
  const { problems } = prepared
  const [first] = problems
  assert(first, 'a text that is refused has a problem')
  throw new AppError('invalid', first.message, { details: { problems } })
}
