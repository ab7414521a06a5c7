// Reads entries of one workspace for a person, newest first. A filter looks through a bounded stretch
// of the log at a time, so that a rare match never keeps the event loop; the page says how far it
// looked and goes on from there.

import { z } from 'zod'
import type { Json } from '#kernel/json.ts'
import { all, first, type Steps, type Value } from '#platform/db/steps.ts'

/** Some 5 ms of reading. */
export const AUDIT_SCAN_MAX = 5_000

export interface AuditFilter {
  /** `job.cancel`, or `job` for every act on jobs. */
  readonly action?: string
  readonly actor?: string
  readonly outcome?: AuditOutcome
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
  /** Who and from where; null when there is none, `erased` when a person asked for that. */
  readonly personal: AuditPersonal | null | 'erased'
}

export interface AuditPersonal {
  readonly name?: string | undefined
  readonly ip?: string | undefined
}

export interface AuditPage {
  readonly items: readonly AuditItem[]
  /** Entries of this workspace in all. */
  readonly count: number
  /** Where the next page begins; null when everything before was looked at. */
  readonly before: number | null
}

const Personal = z.object({ name: z.string().optional(), ip: z.string().optional() })

/** `before` is a sequence of the workspace; entries below it are read. */
export function* listEntries(
  workspaceId: string,
  filter: AuditFilter,
  page: { readonly limit: number; readonly before?: number },
): Steps<AuditPage> {
  const head = yield* first<{ seq: number }>(
    'select "seq" from "auditWorkspaceHead" where "workspaceId" = ?',
    workspaceId,
  )
  const count = head?.seq ?? 0
  const from = Math.min(page.before ?? Infinity, count + 1)
  const floor = Math.max(1, from - AUDIT_SCAN_MAX)
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
  return { items: rows.map(toItem), count, before: reached > 1 ? reached : null }
}

/** The newest signed checkpoint: how far the log is confirmed, and when. */
export function* lastCheckpoint(): Steps<{ size: number; at: number } | undefined> {
  return yield* first<{ size: number; at: number }>(
    'select "size", "at" from "auditCheckpoint" order by "size" desc limit 1',
  )
}

interface Row extends Omit<AuditItem, 'data' | 'personal'> {
  readonly data: string
  readonly personal: string | null
  readonly commitment: Buffer | null
}

function conditionsOf({ action, actor, outcome }: AuditFilter): { text: string; values: Value[] } {
  const texts: string[] = []
  const values: Value[] = []
  if (action !== undefined) {
    texts.push('and ("action" = ? or substr("action", 1, ?) = ?)')
    values.push(action, action.length + 1, `${action}.`)
  }
  if (actor !== undefined) {
    texts.push('and "actor" = ?')
    values.push(actor)
  }
  if (outcome !== undefined) {
    texts.push('and "outcome" = ?')
    values.push(outcome)
  }
  return { text: texts.join(' '), values }
}

function toItem(row: Row): AuditItem {
  const { seq, workspaceSeq, at, actor, action, target, outcome, requestId } = row
  return {
    seq,
    workspaceSeq,
    at,
    actor,
    action,
    target,
    outcome,
    requestId,
    data: JSON.parse(row.data) as Json,
    personal: personalOf(row),
  }
}

function personalOf({ personal, commitment }: Row): AuditItem['personal'] {
  if (personal !== null) return Personal.catch({}).parse(JSON.parse(personal))
  return commitment === null ? null : 'erased'
}
