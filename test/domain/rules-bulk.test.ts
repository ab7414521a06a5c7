// Many rule texts at once: each gets an outcome of its own, and what builds on another finds it
// whatever the order.

import assert from 'node:assert/strict'
import test from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { saveRules, type Outcome } from '#domain/rules/save-many.ts'
import { getRule, listRules, listVersions } from '#domain/rules/reading.ts'
import { listRenders } from '#domain/rules/renders/actions.ts'
import type { RuleText } from '#domain/rules/save.ts'
import { listViews, removeView, saveView } from '#domain/rules/views/actions.ts'
import type { UserId } from '#kernel/id.ts'
import { startApp } from '#test/support/start-app.ts'

const rule = (title: string, more = '') =>
  `title: ${title}\nlogsource: {product: windows, service: security}\ndetection: {a: {EventID: 1}, condition: a}\n${more}`
const item = (text: string): RuleText => ({ text, reason: 'From a folder', origin: 'imported' })

function ruleOf(outcome: Outcome | undefined) {
  assert.ok(outcome && 'rule' in outcome, JSON.stringify(outcome))
  return outcome.rule
}

test('texts in bulk are created, saved, left as they are, or refused one by one', async (t) => {
  const { house, acme } = await startApp(t)
  const caller = systemCaller(house, 'test', undefined, acme.id)
  const many = Array.from({ length: 60 }, (_, at) => item(rule(`Rule ${at}`)))
  const first = await saveRules(house, caller, [
    item(
      'title: Many\ncorrelation: {type: event_count, rules: [late], group-by: [User], timespan: 5m, condition: {gte: 10}}\n',
    ),
    ...many,
    item(rule('With an id', 'id: one\n')),
    item(rule('With the same id', 'id: one\n')),
    item('title: ['),
    item(rule('Late', 'name: late\n')),
  ])
  const kinds = first.map(({ kind }) => kind)
  assert.deepEqual(kinds.slice(-4), ['created', 'conflict', 'refused', 'created'])
  assert.ok(kinds.slice(0, 61).every((kind) => kind === 'created'))
  const many0 = ruleOf(first[0])
  const [, splunk] = await listRenders(house, caller, many0.id)
  assert.deepEqual([splunk!.state, splunk!.isPending], ['ok', false], 'what came later counts')

  const { id } = ruleOf(first[1])
  const other = ruleOf(first[2]).id
  const second = await saveRules(house, caller, [
    { ...many[0]!, ruleId: id },
    { ...item(rule('Another')), ruleId: id, expected: new Set(['1']) },
    { ...item(rule('Lost')), ruleId: other, expected: new Set(['7']) },
  ])
  assert.deepEqual(
    second.map(({ kind }) => kind),
    ['same', 'saved', 'stale'],
  )
  assert.equal((await getRule(house, caller, id)).title, 'Another')
  const { items } = await listVersions(house, caller, id, { limit: 10 })
  assert.deepEqual(
    items.map(({ number, reason }) => [number, reason]),
    [
      [2, 'From a folder'],
      [1, 'From a folder'],
    ],
  )
})

test('a correlation of a correlation compiles as soon as the last rule below it is there', async (t) => {
  const { house, acme } = await startApp(t)
  const caller = systemCaller(house, 'test', undefined, acme.id)
  const above = (name: string, below: string) =>
    `title: ${name}\nname: ${name}\ncorrelation: {type: event_count, rules: [${below}], group-by: [User], timespan: 5m, condition: {gte: 2}}\n`
  const [top] = await saveRules(house, caller, [item(above('top', 'middle'))])
  const [middle] = await saveRules(house, caller, [item(above('middle', 'bottom'))])
  const states = async () => {
    const found = []
    for (const one of [top, middle]) {
      const [, splunk] = await listRenders(house, caller, ruleOf(one).id)
      found.push([splunk!.state, splunk!.isPending])
    }
    return found
  }
  assert.deepEqual(await states(), [
    ['refused', false],
    ['refused', false],
  ])
  const bottom = item(rule('bottom', 'name: bottom\n'))
  const [below] = await saveRules(house, caller, [bottom])
  assert.deepEqual(await states(), [
    ['ok', false],
    ['ok', false],
  ])
  // From now on they run somewhere, perhaps: what they become waits for somebody to look at it.
  const again = { ...item(`${bottom.text}level: low\n`), ruleId: ruleOf(below).id }
  await saveRules(house, caller, [again])
  assert.deepEqual(await states(), [
    ['ok', true],
    ['ok', true],
  ])
})

test('a run that is stopped leaves whole batches and their entries', async (t) => {
  const { house, globex } = await startApp(t)
  const caller = systemCaller(house, 'test', undefined, globex.id)
  const stop = new AbortController()
  const progress: number[] = []
  const texts = Array.from({ length: 120 }, (_, at) => item(rule(`Rule ${at}`)))
  const running = saveRules(house, caller, texts, {
    signal: stop.signal,
    progress: (done) => {
      progress.push(done)
      stop.abort(new Error('enough'))
    },
  })
  await assert.rejects(running, /enough/)
  assert.equal(progress.length, 1)
  const page = await listRules(house, caller, { filter: {}, sort: 'title', limit: 1 })
  assert.equal(page.count, progress[0])
})

test('a view is kept under its name by one person and seen by nobody else', async (t) => {
  const { house, acme, cast } = await startApp(t)
  const as = (userId: UserId) => ({
    ...systemCaller(house, 'test', undefined, acme.id),
    actor: userId,
  })
  const [ada, ravi] = [as(cast.ada.userId), as(cast.ravi.userId)]
  await saveView(house, ada, { name: 'Loud', query: 'level=low' })
  await saveView(house, ada, { name: 'Loud', query: 'level=critical' })
  const views = await listViews(house, ada)
  assert.deepEqual(
    views.map(({ name, query }) => [name, query]),
    [['Loud', 'level=critical']],
  )
  assert.deepEqual(await listViews(house, ravi), [])
  await assert.rejects(removeView(house, ravi, views[0]!.id), { code: 'forbidden' })
  assert.equal((await listViews(house, ada)).length, 1)
  await removeView(house, ada, views[0]!.id)
  assert.deepEqual(await listViews(house, ada), [])
})
