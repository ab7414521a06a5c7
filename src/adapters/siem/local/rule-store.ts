// Rules that run over the sandbox, their runs, and the alerts they made.

import type { Connection } from '#platform/db/engine/sqlite/open.ts'

export interface RuleRow {
  readonly ref: string
  /** JSON: see rule-body.ts. */
  readonly body: string
  readonly isEnabled: number
  /** Grows with each write. */
  readonly etag: number
  readonly changedAt: number
  readonly lastRunAt: number | null
  /** It has seen every block up to this one. */
  readonly lastBlock: number
}

export function listRules(db: Connection): readonly RuleRow[] {
  return db.prepare('select * from rule order by ref').all() as RuleRow[]
}

export function findRule(db: Connection, ref: string): RuleRow | undefined {
  return db.prepare('select * from rule where ref = ?').get(ref) as RuleRow | undefined
}

export type RuleWrite = Pick<RuleRow, 'ref' | 'body' | 'isEnabled' | 'changedAt'>

/** Writes when the rule is still at `etag`, 0 for one that is not there. Returns whether it was. */
export function saveRule(db: Connection, rule: RuleWrite, etag: number): boolean {
  const text =
    etag === 0
      ? `insert into rule (ref, body, isEnabled, etag, changedAt)
         values (@ref, @body, @isEnabled, 1, @changedAt) on conflict do nothing`
      : `update rule set body = @body, isEnabled = @isEnabled, etag = etag + 1,
         changedAt = @changedAt where ref = @ref and etag = @etag`
  return db.prepare(text).run({ ...rule, etag }).changes === 1
}

export function removeRule(db: Connection, ref: string, etag: number): boolean {
  return db.prepare('delete from rule where ref = ? and etag = ?').run(ref, etag).changes === 1
}

/** As they were, having seen nothing. */
export function restoreRules(db: Connection, rules: readonly RuleRow[]): void {
  const add = db.prepare(
    `insert into rule (ref, body, isEnabled, etag, changedAt)
     values (@ref, @body, @isEnabled, @etag, @changedAt)`,
  )
  db.transaction(() => {
    for (const rule of rules) add.run(rule)
  })()
}

export function newestBlock(db: Connection): number {
  return db.prepare('select coalesce(max(id), 0) from block').pluck().get() as number
}

export interface AlertRow {
  readonly ref: string
  /** The same events by the same rule are one alert. */
  readonly dedupKey: string
  readonly atMs: number
  readonly recordedAt: number
  /** JSON of a match. */
  readonly body: string
}

export interface RuleRunRow {
  readonly ref: string
  readonly ranAt: number
  readonly tookMs: number
  readonly alertCount: number
  /** How long the newest event waited. */
  readonly lagMs: number | null
  readonly error: string | null
}

/**
 * A run, its alerts, and how far the rule has seen. Returns how many alerts are new; a silent rule
 * counts those it would have made, and makes none.
 */
export function saveRun(
  db: Connection,
  run: Omit<RuleRunRow, 'alertCount'>,
  { alerts, isSilent }: { readonly alerts: readonly AlertRow[]; readonly isSilent: boolean },
  lastBlock: number,
): number {
  const add = db.prepare(
    `insert into alert (ref, dedupKey, atMs, recordedAt, body)
     values (@ref, @dedupKey, @atMs, @recordedAt, @body) on conflict do nothing`,
  )
  return db.transaction(() => {
    const alertCount = isSilent
      ? alerts.length
      : alerts.reduce((sum, alert) => sum + add.run(alert).changes, 0)
    db.prepare(
      `insert into ruleRun (ref, ranAt, tookMs, alertCount, lagMs, error)
       values (@ref, @ranAt, @tookMs, @alertCount, @lagMs, @error)`,
    ).run({ ...run, alertCount })
    db.prepare('update rule set lastRunAt = ?, lastBlock = ? where ref = ?').run(
      run.ranAt,
      lastBlock,
      run.ref,
    )
    return isSilent ? 0 : alertCount
  })()
}

export function listRuns(db: Connection, from: number, to: number): readonly RuleRunRow[] {
  const rows = db
    .prepare('select * from ruleRun where ranAt >= ? and ranAt < ? order by ranAt')
    .all(from, to)
  return rows as RuleRunRow[]
}

/** By the time of their events, newest first. */
export function listAlerts(db: Connection, limit: number): readonly AlertRow[] {
  const rows = db
    .prepare(
      'select ref, dedupKey, atMs, recordedAt, body from alert order by atMs desc, id desc limit ?',
    )
    .all(limit)
  return rows as AlertRow[]
}

/** By when the rule ran, newest first, without what is in them. */
export function listAlertsMade(
  db: Connection,
  { from, to, limit }: { readonly from: number; readonly to: number; readonly limit: number },
): readonly Omit<AlertRow, 'body'>[] {
  const rows = db
    .prepare(
      `select ref, dedupKey, atMs, recordedAt from alert where recordedAt >= ? and recordedAt < ?
       order by recordedAt desc, id desc limit ?`,
    )
    .all(from, to, limit)
  return rows as Omit<AlertRow, 'body'>[]
}

export function countAlerts(db: Connection): number {
  return db.prepare('select count(*) from alert').pluck().get() as number
}
