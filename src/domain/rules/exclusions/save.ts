// Keeping an exclusion: its row, its version, its rules, the audit entry and the event in one
// transaction, with the job that compiles and tests again whatever is made from those rules.

import { AppError, assert } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import { ID_PREFIXES, makeId, type ExclusionId, type RuleId, type WorkspaceId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import { listsNamed } from '#languages/sigma/fill.ts'
import { UNRESOLVED } from '#languages/sigma/lower.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { selectListsNamed } from '#domain/rules/lists/store.ts'
import { markPending, markRulesPending } from '#domain/rules/renders/store.ts'
import { selectRulesById, updateRule } from '#domain/rules/rule-store.ts'
import { LIMITS, namesOf, tellPages } from '#domain/rules/save.ts'
import { findNamedRules } from './bind.ts'
import { applyExclusionsJob, endExclusionsJob } from './jobs.ts'
import type { Exclusion, ExclusionContent } from './exclusion.ts'
import * as store from './store.ts'
import { readExclusions, type ExclusionToRead, type ReadExclusion } from './task.ts'

export interface PreparedExclusion {
  readonly text: string
  readonly content: ExclusionContent
}

/** Throws `invalid` with every problem of a text that is no exclusion. */
export async function prepareExclusion(
  house: House,
  given: ExclusionToRead,
): Promise<PreparedExclusion> {
  const [read] = await house.workers.run(readExclusions, [given], LIMITS)
  return requireSound(read!)
}

function requireSound({ text, value, problems }: ReadExclusion): PreparedExclusion {
  if (value) return { text, content: value }
  throw invalid(problems)
}

export function invalid(problems: readonly Problem[]): AppError {
  const [first] = problems
  assert(first, 'a text that is refused has a problem')
  return new AppError('invalid', first.message, { details: { problems } })
}

export interface ExclusionToKeep extends PreparedExclusion {
  /** Of one that is not there yet, where it was needed before. */
  readonly id?: ExclusionId
  readonly why: string
  readonly action: 'exclusion.add' | 'exclusion.change' | 'exclusion.end'
  /** The entry of the act that it is a part of tells of it. */
  readonly isPart?: true
}

/** Writes a version; `before` is the row it follows. Throws `invalid`, and `conflict` for an id in use. */
export async function keepExclusion(
  tx: Tx,
  house: House,
  caller: Caller,
  given: ExclusionToKeep,
  before?: store.ExclusionRow,
): Promise<Exclusion> {
  const { text, content, why, action } = given
  await requireFreeId(tx, content.sigmaId, before?.id)
  if (action !== 'exclusion.end') await requireLists(tx, text)
  const id = before?.id ?? given.id ?? makeId(ID_PREFIXES.exclusion, caller.now, house.random(10))
  const bound = before ? await store.selectBoundRules(tx, tx.scope, [id]) : []
  // Ending one never fails because a rule has changed or is gone.
  const rules = action === 'exclusion.end' ? bound : await findNamedRules(tx, tx.scope, content)
  const row = toRow(caller, id, given, before)
  const { contentHash, version } = row
  if (before) await store.updateExclusion(tx, id, row)
  else await store.insertExclusion(tx, row)
  await store.insertExclusionVersion(tx, {
    exclusionId: id,
    number: version,
    text,
    contentHash,
    why,
    createdAt: caller.now,
    createdBy: caller.actor,
  })
  await store.bindExclusion(
    tx,
    id,
    rules.map((rule) => rule.id),
  )
  await renderAffected(
    tx,
    house,
    caller,
    [...rules, ...bound].map((rule) => rule.id),
  )
  if (!given.isPart) await record(tx, house, caller, { ...row, ...given, rules })
  tellExclusion(tx, house, id, before ? 'changed' : 'added')
  await scheduleEnds(tx, house, caller)
  const named = await store.selectBoundRules(tx, tx.scope, [id])
  return store.toExclusion({ ...row, workspaceId: tx.scope.workspaceId }, named, caller.now)
}

const AUDIT_CHARS = 200

async function record(
  tx: Tx,
  house: House,
  caller: Caller,
  told: Omit<store.ExclusionRow, 'workspaceId'> &
    Pick<ExclusionToKeep, 'why' | 'action'> & { readonly rules: readonly { id: RuleId }[] },
): Promise<void> {
  const { id, action, version, contentHash, title, endsAt, reason, why, rules } = told
  await house.audit.record(tx, caller, {
    action,
    target: id,
    data: {
      version,
      contentHash,
      title: title.slice(0, AUDIT_CHARS).toWellFormed(),
      endsAt,
      rules: rules.map((rule) => rule.id),
      reason: reason.slice(0, AUDIT_CHARS).toWellFormed(),
      ...(why === '' ? {} : { why: why.slice(0, AUDIT_CHARS).toWellFormed() }),
    },
  })
}

function toRow(
  { now, actor }: Caller,
  id: ExclusionId,
  { text, content }: PreparedExclusion,
  before: store.ExclusionRow | undefined,
): Omit<store.ExclusionRow, 'workspaceId'> {
  const { title, sigmaId, owner, reason, endsAt } = content
  return {
    id,
    version: (before?.version ?? 0) + 1,
    contentHash: sha256Hex(text),
    title,
    sigmaId,
    owner,
    reason,
    endsAt,
    state: endsAt > now ? 'in_force' : 'ended',
    createdAt: before?.createdAt ?? now,
    createdBy: before?.createdBy ?? actor,
    updatedAt: now,
    updatedBy: actor,
    hidden: null,
  }
}

/** Without one of them its rules would compile for no place. */
async function requireLists(tx: Tx, text: string): Promise<void> {
  const names = listsNamed(text)
  const known = new Set((await selectListsNamed(tx, tx.scope, names)).map(({ name }) => name))
  const missing = names.filter((name) => !known.has(name))
  if (missing.length === 0) return
  const message = `There is no reference list ${missing.slice(0, 5).join(', ')}.`
  throw invalid([{ code: UNRESOLVED, severity: 'error', message }])
}

async function requireFreeId(
  tx: Tx,
  sigmaId: string | null,
  own: ExclusionId | undefined,
): Promise<void> {
  if (sigmaId === null) return
  const [other] = await store.selectExclusionsBySigmaId(tx, tx.scope, [sigmaId])
  if (!other || other.id === own) return
  throw new AppError(
    'conflict',
    `The exclusion "${other.title.slice(0, AUDIT_CHARS)}" has this id already. Give one of them another id.`,
    { details: { exclusionId: other.id } },
  )
}

/** Marks what is made from these rules as pending and untested, and starts what mends that. */
export async function renderAffected(
  tx: Tx,
  house: House,
  caller: Caller,
  ruleIds: readonly RuleId[],
  under = 'changed exclusions',
): Promise<void> {
  const rules = await selectRulesById(tx, tx.scope, [...new Set(ruleIds)])
  if (rules.length === 0) return
  await markRulesPending(
    tx,
    rules.map(({ id }) => id),
  )
  const above = await markPending(tx, namesOf(...rules))
  const affected = [...new Set([...rules.map(({ id }) => id), ...above])]
  for (const id of affected) {
    await updateRule(tx, id, { testVerdict: null })
    tellPages(tx, house, id, 'changed')
  }
  const what = affected.length === 1 ? '1 rule' : `${affected.length} rules`
  for (let at = 0; at < affected.length; at += APPLIED_AT_ONCE) {
    const input = { ruleIds: affected.slice(at, at + APPLIED_AT_ONCE) }
    await house.jobs.enqueue(tx, caller, applyExclusionsJob, input, {
      title: `Compile and test ${what} under ${under}`,
    })
  }
}

const APPLIED_AT_ONCE = 500

export function tellExclusion(
  tx: Tx,
  { events }: House,
  id: ExclusionId,
  verb: 'added' | 'changed',
): void {
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  events.publish(tx, { workspaceId, noun: 'exclusion', id, verb })
}

/** Only a workspace that ever had an exclusion looks for those that are over. */
async function scheduleEnds(tx: Tx, house: House, caller: Caller): Promise<void> {
  await house.jobs.saveSchedule(
    tx,
    caller,
    endExclusionsJob,
    {},
    {
      name: 'exclusion-ends',
      title: 'End exclusions whose day has passed',
      cron: '1 0 * * *',
      timeZone: 'UTC',
    },
  )
}
