// Jobs, their steps, their schedules. States that contradict each other are refused by the database
// too: a leased job has an owner, an ended one has an end.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await createJobs(db, engine)
  await createSteps(db, engine)
  await createSchedules(db, engine)
  await engine
    .table(db, 'jobWorkspace', { byKey: true })
    .addColumn('workspaceId', 'text', (c) => c.primaryKey().notNull())
    .execute()
}

async function createJobs(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'job')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('input', 'text', (c) => c.notNull().check(engine.isJson('input')))
    .addColumn('state', 'text', (c) =>
      c
        .notNull()
        .check(sql`state in ('queued', 'leased', 'succeeded', 'failed', 'cancelled', 'unknown')`),
    )
    .addColumn('priority', engine.integer, (c) => c.notNull().check(sql`priority in (0, 1, 2)`))
    .addColumn('concurrencyKey', 'text')
    .addColumn('attempt', engine.integer, (c) => c.notNull())
    .addColumn('attemptsMax', engine.integer, (c) => c.notNull())
    .addColumn('runAt', engine.integer, (c) => c.notNull())
    .addColumn('leaseOwner', 'text')
    .addColumn('leaseUntil', engine.integer)
    .addColumn('fence', engine.integer, (c) => c.notNull())
    .addColumn('isCancelRequested', engine.integer, (c) =>
      c.notNull().check(sql`"isCancelRequested" in (0, 1)`),
    )
    .addColumn('progress', 'text', (c) =>
      c.check(sql`progress is null or ${engine.isJson('progress')}`),
    )
    .addColumn('reason', 'text')
    .addColumn('scheduleId', 'text')
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('startedAt', engine.integer)
    .addColumn('endedAt', engine.integer)
    .addPrimaryKeyConstraint('jobKey', ['workspaceId', 'id'])
    .addCheckConstraint('jobLease', sql`(state = 'leased') = ("leaseOwner" is not null)`)
    .addCheckConstraint('jobEnd', sql`(state in ('queued', 'leased')) = ("endedAt" is null)`)
    .execute()
  // The claim reads what waits in the order it is taken; what is leased lies beside it.
  await db.schema
    .createIndex('jobReady')
    .on('job')
    .columns(['workspaceId', 'state', 'priority', 'runAt', 'id'])
    .execute()
  await db.schema.createIndex('jobEnded').on('job').columns(['workspaceId', 'endedAt']).execute()
}

async function createSteps(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'jobStep')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('jobId', 'text', (c) => c.notNull())
    .addColumn('stepId', 'text', (c) => c.notNull())
    .addColumn('idempotencyKey', 'text', (c) => c.notNull())
    .addColumn('desiredHash', 'text', (c) => c.notNull())
    .addColumn('intentAt', engine.integer, (c) => c.notNull())
    .addColumn('result', 'text', (c) => c.check(sql`result is null or ${engine.isJson('result')}`))
    .addColumn('resultAt', engine.integer)
    .addPrimaryKeyConstraint('jobStepKey', ['workspaceId', 'jobId', 'stepId'])
    .addForeignKeyConstraint('jobStepJob', ['workspaceId', 'jobId'], 'job', ['workspaceId', 'id'])
    .execute()
}

async function createSchedules(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'jobSchedule')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('input', 'text', (c) => c.notNull().check(engine.isJson('input')))
    .addColumn('cron', 'text', (c) => c.notNull())
    .addColumn('timeZone', 'text', (c) => c.notNull())
    .addColumn('nextAt', engine.integer, (c) => c.notNull())
    .addColumn('plannedAt', engine.integer, (c) => c.notNull())
    .addColumn('forgottenUntil', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('jobScheduleKey', ['workspaceId', 'id'])
    .addUniqueConstraint('jobScheduleName', ['workspaceId', 'name'])
    .execute()
  // The key is the promise that a slot runs once.
  await engine
    .table(db, 'jobSlot', { byKey: true })
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('scheduleId', 'text', (c) => c.notNull())
    .addColumn('slot', engine.integer, (c) => c.notNull())
    .addColumn('jobId', 'text')
    .addColumn('firedAt', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('jobSlotKey', ['workspaceId', 'scheduleId', 'slot'])
    .addForeignKeyConstraint('jobSlotSchedule', ['workspaceId', 'scheduleId'], 'jobSchedule', [
      'workspaceId',
      'id',
    ])
    .execute()
}
