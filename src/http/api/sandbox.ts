// `/events`: the sandbox of a workspace, its own store of sample events. What is larger than a body comes
// in by the page or by `rulewright events import`.

import { z } from 'zod'
import { LogSourceInput } from '#domain/events/input.ts'
import type { EventImport, LocalAlert, StoredEvent } from '#domain/events/port.ts'
import { formatInstant, instant, INSTANT_MAX } from '#kernel/time.ts'
import { operation } from './operation.ts'
import { accepted, InstantText, instantOrNull, makeCursor, named, PAGE_QUERY } from './shapes.ts'
import { pageShape, readCursor } from './shapes.ts'
import { startedJob, StartedJobShape } from './started-job.ts'

/** Loaded by the first request and not by the start. */
const actions = () => import('#domain/events/actions.ts')

const EventShape = z
  .strictObject({ at: InstantText, logSource: z.string(), event: z.unknown() })
  .register(named, { id: 'SandboxEvent' })
const EventPage = pageShape(EventShape).register(named, { id: 'SandboxEventPage' })

const list = operation({
  method: 'GET',
  path: '/events',
  name: 'listEvents',
  summary: 'Events of the sandbox, newest first',
  about: '`q` stands in a value, whatever its case; `field` is the one field to look in.',
  permission: 'event.read',
  query: z.strictObject({
    q: z.string().min(1).max(500).optional(),
    field: z.string().min(1).max(200).optional(),
    ...PAGE_QUERY,
  }),
  answer: EventPage,
  async run(call) {
    const { house, caller, query } = call
    const { q, field, limit } = query
    const filter = { q: q ?? null, field: field ?? null }
    const place = { list: 'events', filter }
    const { events, next } = await (
      await actions()
    ).listEvents(house, caller, {
      from: instant(0),
      to: INSTANT_MAX,
      ...(q !== undefined && { text: q }),
      ...(field !== undefined && { field }),
      cursor: readCursor(call, place, query.cursor, z.string()),
      limit,
    })
    const cursor = next === null ? null : makeCursor(call, place, next)
    return { items: events.map(eventShape), next: cursor }
  },
})

const EVENTS_MAX = 10_000

const NewEvents = z
  .strictObject({
    name: z.string().trim().min(1).max(200).default('Events of a program'),
    /** `product=windows,category=process_creation`; empty: each event says its own. */
    logSource: LogSourceInput.default(''),
    events: z.array(z.record(z.string(), z.unknown())).min(1).max(EVENTS_MAX),
  })
  .register(accepted, { id: 'NewEvents' })

const add = operation({
  method: 'POST',
  path: '/events',
  name: 'addEvents',
  summary: 'Bring events into the sandbox',
  permission: 'event.write',
  body: NewEvents,
  status: 202,
  answer: StartedJobShape,
  async run({ house, caller, body: { name, logSource, events } }) {
    const sent = { name, logSource, chunks: linesOf(events) }
    return startedJob(await (await actions()).receiveEvents(house, caller, sent))
  },
})

async function* linesOf(events: readonly unknown[]): AsyncGenerator<Uint8Array> {
  for (const event of events) yield Buffer.from(`${JSON.stringify(event)}\n`)
}

const samples = operation({
  method: 'POST',
  path: '/events/samples',
  name: 'addSampleEvents',
  summary: 'Bring the sample events of the last day into the sandbox',
  permission: 'event.write',
  status: 202,
  answer: StartedJobShape,
  run: async ({ house, caller }) =>
    startedJob(await (await actions()).receiveSamples(house, caller)),
})

const clear = operation({
  method: 'DELETE',
  path: '/events',
  name: 'deleteEvents',
  summary: 'Empty the sandbox: events, imports and alerts, for good',
  permission: 'event.write',
  async run({ house, caller }) {
    await (await actions()).deleteEvents(house, caller)
    return undefined
  },
})

const SandboxShape = z
  .strictObject({
    eventCount: z.int(),
    oldestAt: InstantText.nullable(),
    newestAt: InstantText.nullable(),
    sizeBytes: z.int(),
    alertCount: z.int(),
    imports: z.array(
      z.strictObject({
        name: z.string(),
        format: z.string(),
        logSource: z.string(),
        state: z.enum(['running', 'done', 'failed', 'cancelled']),
        reason: z.string().nullable(),
        eventCount: z.int(),
        badCount: z.int(),
        badLines: z.array(z.strictObject({ line: z.int(), reason: z.string() })),
        untimedCount: z.int(),
      }),
    ),
    alerts: z.array(
      z.strictObject({
        ref: z.string(),
        title: z.string(),
        at: InstantText,
        recordedAt: InstantText,
        fields: z.record(z.string(), z.unknown()),
        event: z.unknown(),
      }),
    ),
  })
  .register(named, { id: 'Sandbox' })

const about = operation({
  method: 'GET',
  path: '/events/sandbox',
  name: 'getSandbox',
  summary: 'What the sandbox holds, its last imports, and the last alerts of rules deployed there',
  permission: 'event.read',
  answer: SandboxShape,
  async run({ house, caller }) {
    const { totals, imports, alerts } = await (await actions()).showSandbox(house, caller)
    const { eventCount, oldestAt, newestAt, fileBytes: sizeBytes, alertCount } = totals
    return {
      eventCount,
      oldestAt: instantOrNull(oldestAt),
      newestAt: instantOrNull(newestAt),
      sizeBytes,
      alertCount,
      imports: imports.map(importShape),
      alerts: alerts.map(alertShape),
    }
  },
})

function eventShape({ at, logSource, event }: StoredEvent) {
  return { at: formatInstant(at), logSource, event }
}

function importShape(one: EventImport) {
  const { name, format, logSource, state, reason, eventCount, badCount, untimedCount } = one
  const badLines = one.badLines.map(({ line, reason: why }) => ({ line, reason: why }))
  const counts = { eventCount, badCount, badLines, untimedCount }
  return { name, format, logSource, state, reason, ...counts }
}

function alertShape({ ref, title, at, recordedAt, fields, event }: LocalAlert) {
  const times = { at: formatInstant(at), recordedAt: formatInstant(recordedAt) }
  return { ref, title, ...times, fields: { ...fields }, event }
}

export const SANDBOX_OPERATIONS = [list, add, about, samples, clear]
