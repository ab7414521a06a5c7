// Reads entries of one workspace for a person, newest first. Who, what it was done to and when are
// found by index. Act and outcome are looked for in a bounded stretch of the log at a time, so that a
// rare match never keeps the event loop; the page says how far it looked and goes on from there.

import { z } from 'zod'
import { INSTANCE_WORKSPACE } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { all, first, type Steps, type Value } from '#platform/db/steps.ts'
import { leafText, type Entry } from './chain.ts'
import { ERASE_ACTION } from './log.ts'

/** Some 5 ms of reading. */
export const AUDIT_SCAN_MAX = 5_000

export interface AuditFilter {
  /** `job.cancel`, or `job` for every act on jobs. */
  readonly action?: string
  readonly actor?: string
  /** The id of what it was done to. */
  readonly target?: string
  readonly outcome?: AuditOutcome
  /** Instants: from the first on, before the second. */
  readonly since?: number
  readonly until?: number
}

export type AuditOutcome = 'done' | 'refused' | 'failed'

export interface AuditItem {
  /** In the whole log, and in this workspace's part of it. */
  readonly seq: number
  readonly workspaceSeq: number
  readonly at: number
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly outcome: AuditOutcome
  readonly requestId: string
  readonly data: Json
  /** Who and from where; null when there is none or it was erased. */
  readonly personal: AuditPersonal | null
  readonly erased: AuditErasure | null
}

export interface AuditPersonal {
  readonly name?: string | undefined
  readonly ip?: string | undefined
  readonly [what: string]: unknown
}

export interface AuditErasure {
  /** Null when no entry says who: the walk over the log names that as a break. */
  readonly by: string | null
  readonly at: number | null
}

export interface AuditPage {
  readonly items: readonly AuditItem[]
  /** Entries of this workspace that are kept. */
  readonly count: number
  /** Where the next page begins; null when everything before was looked at. */
  readonly before: number | null
}

const Personal = z.looseObject({ name: z.string().optional(), ip: z.string().optional() })

/** `before` is a sequence of the workspace; entries below it are read. */
export function* listEntries(
  workspaceId: string,
  filter: AuditFilter,
  page: { readonly limit: number; readonly before?: number },
): Steps<AuditPage> {
  const kept = yield* first<{ oldest: number | null; newest: number }>(KEPT, workspaceId)
  const whole = { oldest: kept?.oldest ?? (kept?.newest ?? 0) + 1, newest: kept?.newest ?? 0 }
  const { oldest, newest } = yield* stretchOf(workspaceId, filter, whole)
  const from = Math.min(page.before ?? Infinity, newest + 1)
  const floor = isIndexed(filter) ? oldest : Math.max(oldest, from - AUDIT_SCAN_MAX)
  const { text, values } = conditionsOf(filter)
  const rows = yield* all<Row>(
    `select * from "auditEntry" where "workspaceId" = ? and "workspaceSeq" < ?
     and "workspaceSeq" >= ? ${text} order by "workspaceSeq" desc limit ?`,
    workspaceId,
    from,
    floor,
    ...values,
    page.limit,
  )
  const reached = rows.length === page.limit ? rows.at(-1)!.workspaceSeq : floor
  const items = yield* toItems(rows)
  const count = whole.newest - whole.oldest + 1
  return { items, count, before: reached > oldest ? reached : null }
}

/** One entry; undefined when it is not of this workspace, or was removed by retention. */
export function* findEntry(workspaceId: string, seq: number): Steps<FoundEntry | undefined> {
  const row = yield* first<Row>(
    'select * from "auditEntry" where "workspaceId" = ? and "seq" = ?',
    workspaceId,
    seq,
  )
  if (!row) return undefined
  const [item] = yield* toItems([row])
  return {
    item: item!,
    text: leafText(row),
    personalText: row.personal,
    salt: row.salt?.toString('hex') ?? null,
  }
}

export interface FoundEntry {
  readonly item: AuditItem
  /** What its hash is made of: canonical JSON, with the commitment in place of personal data. */
  readonly text: string
  /** What the commitment is made of, with the salt before it; null when there is none any more. */
  readonly personalText: string | null
  readonly salt: string | null
}

// The part of the log where a filter by time can match. Where the clock was set back, times and
// sequences do not agree: as many entries as a page may look through are asked at each edge.
function* stretchOf(
  workspaceId: string,
  { since, until }: AuditFilter,
  whole: Stretch,
): Steps<Stretch> {
  const [from, to] = [since ?? 0, until ?? Number.MAX_SAFE_INTEGER]
  const edge = function* (text: string): Steps<number | undefined> {
    const rows = yield* all<{ edge: number | null }>(text, workspaceId, from, to, AUDIT_SCAN_MAX)
    return rows[0]?.edge ?? undefined
  }
  const oldest = since === undefined ? whole.oldest : yield* edge(OLDEST)
  const newest = until === undefined ? whole.newest : yield* edge(NEWEST)
  return { oldest: oldest ?? whole.newest + 1, newest: newest ?? 0 }
}

/** Sequences of a workspace, both ends included. */
interface Stretch {
  readonly oldest: number
  readonly newest: number
}

const KEPT = `
  select (select min("workspaceSeq") from "auditEntry" where "workspaceId" = "head"."workspaceId")
    as "oldest", "seq" as "newest"
  from "auditWorkspaceHead" as "head" where "workspaceId" = ?`

const EDGE = `
  select "workspaceSeq" from "auditEntry" where "workspaceId" = ? and "at" >= ? and "at" < ?`
const OLDEST = `
  select min("workspaceSeq") as "edge" from (${EDGE} order by "at" limit ?) as "early"`
const NEWEST = `
  select max("workspaceSeq") as "edge" from (${EDGE} order by "at" desc limit ?) as "late"`

// With one of these equal and nothing else to look for, every row that is read is shown.
function isIndexed({ actor, target, action, outcome }: AuditFilter): boolean {
  const isNamed = (actor === undefined) !== (target === undefined)
  return isNamed && action === undefined && outcome === undefined
}

/** The newest signed checkpoint: how far the log is confirmed, and when. */
export function* lastCheckpoint(): Steps<{ size: number; at: number } | undefined> {
  return yield* first<{ size: number; at: number }>(
    'select "size", "at" from "auditCheckpoint" order by "size" desc limit 1',
  )
}

/** The newest entry of the instance that says the whole log was walked; its data hold the size. */
export function* lastVerified({
  action,
  target,
}: Pick<AuditItem, 'action' | 'target'>): Steps<{ size: number; at: number } | undefined> {
  const found = yield* first<{ at: number; data: string }>(
    `select "at", "data" from "auditEntry" where "workspaceId" = ? and "target" = ?
     and "action" = ? and "outcome" = 'done' order by "workspaceSeq" desc limit 1`,
    INSTANCE_WORKSPACE,
    target,
    action,
  )
  const said = Verified.safeParse(found && JSON.parse(found.data))
  return found && said.success ? { at: found.at, size: said.data.size } : undefined
}

const Verified = z.object({ size: z.int() })

interface Row extends Entry {
  readonly personal: string | null
  readonly salt: Buffer | null
}

function conditionsOf(filter: AuditFilter): { text: string; values: Value[] } {
  const { action, actor, target, outcome, since, until } = filter
  const texts: string[] = []
  const values: Value[] = []
  const where = (text: string, ...given: Value[]) => {
    texts.push(`and ${text}`)
    values.push(...given)
  }
  if (action !== undefined)
    where('("action" = ? or substr("action", 1, ?) = ?)', action, action.length + 1, `${action}.`)
  if (actor !== undefined) where('"actor" = ?', actor)
  if (target !== undefined) where('"target" = ?', target)
  if (outcome !== undefined) where('"outcome" = ?', outcome)
  if (since !== undefined) where('"at" >= ?', since)
  if (until !== undefined) where('"at" < ?', until)
  return { text: texts.join(' '), values }
}

function* toItems(rows: readonly Row[]): Steps<readonly AuditItem[]> {
  const items: AuditItem[] = []
  for (const row of rows) {
    const { seq, workspaceSeq, at, actor, action, target, outcome, requestId } = row
    items.push({
      seq,
      workspaceSeq,
      at,
      actor,
      action,
      target,
      outcome,
      requestId,
      data: JSON.parse(row.data) as Json,
      personal: row.personal === null ? null : Personal.catch({}).parse(JSON.parse(row.personal)),
      erased: row.personal === null && row.commitment !== null ? yield* erasureOf(row) : null,
    })
  }
  return items
}

function* erasureOf({ workspaceId, workspaceSeq, actor, target }: Row): Steps<AuditErasure> {
  const said = yield* first<{ by: string; at: number }>(
    `select "actor" as "by", "at" from "auditEntry"
     where "workspaceId" = ? and "target" in (?, ?) and "action" = ? and "workspaceSeq" > ?
     order by "workspaceSeq" limit 1`,
    workspaceId,
    actor,
    target,
    ERASE_ACTION,
    workspaceSeq,
  )
  return said ?? { by: null, at: null }
}
