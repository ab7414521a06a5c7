import assert from 'node:assert/strict'
import test from 'node:test'
import type { DomainEvent } from '#kernel/event.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import { createEventBus, LISTENERS_MAX } from '#platform/events.ts'
import { acme, globex, makeWorld } from '#test/support/database.ts'

const changed = (id: string, workspaceId = 'wsp_acme'): DomainEvent => ({
  workspaceId: workspaceId as WorkspaceId,
  noun: 'rule',
  id,
  verb: 'changed',
})

function unexpected(cause: unknown): never {
  throw cause
}

test('an event is heard after COMMIT, and not at all when its body throws', async (t) => {
  const { db } = await makeWorld(t)
  const events = createEventBus(unexpected)
  const heard: string[] = []
  events.subscribe('all', ({ id }) => heard.push(id))
  const kept = db.write({ scope: acme }, async (tx) => {
    events.publish(tx, changed('kept'))
    assert.deepEqual(heard, [], 'not before')
  })
  const lost = db.write({ scope: acme }, async (tx) => {
    events.publish(tx, changed('lost'))
    throw new Error('no')
  })
  await Promise.allSettled([kept, lost])
  assert.deepEqual(heard, ['kept'])
})

test('a listener hears its own workspace only, until it stops', async (t) => {
  const { db } = await makeWorld(t)
  const events = createEventBus(unexpected)
  const heard: string[] = []
  const stop = events.subscribe('wsp_acme' as WorkspaceId, ({ id }) => heard.push(id))
  await db.write({ scope: acme }, async (tx) => events.publish(tx, changed('a')))
  await db.write({ scope: globex }, async (tx) => events.publish(tx, changed('b', 'wsp_globex')))
  stop()
  stop()
  await db.write({ scope: acme }, async (tx) => events.publish(tx, changed('c')))
  assert.deepEqual(heard, ['a'])
})

test('nobody speaks for another workspace', async (t) => {
  const { db } = await makeWorld(t)
  const events = createEventBus(unexpected)
  await assert.rejects(
    db.write({ scope: acme }, async (tx) => events.publish(tx, changed('x', 'wsp_globex'))),
    /of the workspace of its tx/,
  )
})

test('a listener that throws is reported and harms neither the write nor the others', async (t) => {
  const { db } = await makeWorld(t)
  const reported: unknown[] = []
  const events = createEventBus((cause) => reported.push(cause))
  const heard: string[] = []
  events.subscribe('all', () => {
    throw new Error('mine')
  })
  events.subscribe('all', ({ id }) => heard.push(id))
  await db.write({ scope: acme }, async (tx) => events.publish(tx, changed('a')))
  assert.deepEqual(heard, ['a'])
  assert.match(String(reported), /mine/)
})

test('listeners that never leave are refused in the end', () => {
  const events = createEventBus(unexpected)
  const stops = Array.from({ length: LISTENERS_MAX }, () => events.subscribe('all', () => {}))
  assert.throws(() => events.subscribe('all', () => {}), /does not unsubscribe/)
  stops[0]!()
  events.subscribe('all', () => {})
})
