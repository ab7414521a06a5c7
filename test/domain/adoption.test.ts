// A target's rules, read and bound: what stands there is what the product would write, and nobody wrote
// anything to find that out.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPull, listObserved } from '#domain/adoption/actions.ts'
import { listStandings } from '#domain/adoption/standing.ts'
import { listDependencies } from '#domain/adoption/dependencies.ts'
import { asOf } from '#domain/deployments/as-of-actions.ts'
import { listRenders } from '#domain/rules/renders/actions.ts'
import { removeTarget } from '#domain/targets/actions.ts'
import { startSearch } from '#domain/searches/actions.ts'
import { getRule } from '#domain/rules/reading.ts'
import { MINUTE, type Instant } from '#kernel/time.ts'
import { nextTurn } from '#platform/turns.ts'
import type { SplunkMacro } from '#standins/splunk/estate.ts'
import { adoptionWorld, splunkEstate, writesOn } from '#test/support/adoption.ts'
import { START } from '#test/support/clock.ts'
import { savedSearch } from '#test/support/splunk.ts'

const CORRELATION = {
  search: '`sysmon` EventCode=1 | stats count by user\n| where count > 3',
  description: 'Counts starts',
  is_scheduled: '1',
  cron_schedule: '*/5 * * * *',
  'dispatch.earliest_time': '-70m@m',
  'dispatch.latest_time': 'now',
  actions: 'notable,risk',
  'action.correlationsearch.enabled': '1',
  'action.correlationsearch.label': 'Many starts',
  'action.correlationsearch.annotations': '{"mitre_attack":["T1059"]}',
  'action.notable': '1',
  'action.notable.param.severity': 'high',
  'action.notable.param.rule_title': '$user$',
  'action.risk': '1',
  'action.risk.param._risk': '[{"risk_object_field":"user","risk_score":50}]',
  'action.unheard.param.of': 'kept, verbatim',
  'alert.severity': '3',
}

const macro = (definition: string) => ({ definition, arguments: [] })
const MACROS = new Map<string, SplunkMacro>([
  ['sysmon', macro('index=main | lookup hosts host | lookup gone host')],
  ['unused', macro('x=1')],
  ['cleanup', macro('delete')],
  ['computed', { ...macro('"x=1"'), isEval: true }],
])
const MODELS = new Map([
  ['Web', { objects: [{ objectName: 'Web', constraints: [{ search: 'index=web `unused`' }] }] }],
])

test('rules of a Splunk are pulled, adopted and rendered as they stand, and nothing is written', async (t) => {
  const { standin, estate } = await splunkEstate(
    t,
    [
      savedSearch('Many starts - Rule', { settings: new Map(Object.entries(CORRELATION)) }),
      savedSearch('Plain', {
        settings: new Map(
          Object.entries({
            search: '| tstats count from datamodel=Web.Web where Web.status=404 by Web.src',
            is_scheduled: '1',
            cron_schedule: '7 * * * *',
            'alert.severity': '5',
            'alert.track': '1',
          }),
        ),
      }),
      savedSearch('Report', { settings: new Map([['search', 'index=main']]) }),
    ],
    { macros: MACROS, dataModels: MODELS, lookups: new Map([['hosts', [{ host: 'a' }]]]) },
  )
  const world = await adoptionWorld(t)
  const { app, admin } = world
  const target = await world.addSiem('london', 'splunk', standin.url)
  const pulled = await world.pull(target)
  assert.equal(pulled.reason, null)
  const pull = await findPull(app.house, admin(), target.id)
  assert.deepEqual(
    [pull?.state, pull?.counts],
    ['done', { rules: 2, added: 2, changed: 0, missing: 0 }],
  )
  const built = await listDependencies(app.house, admin(), { targetId: target.id, limit: 10 })
  assert.deepEqual(
    built.items
      .map(({ kind, name, state, rules }) => [kind, name, state, rules].join(' '))
      .toSorted((a, b) => a.localeCompare(b)),
    [
      'datamodel Web told 1',
      'lookup gone missing 1',
      'lookup hosts told 1',
      'macro cleanup told 0',
      'macro computed told 0',
      'macro sysmon told 1',
      'macro unused told 1',
    ],
    'what macros stand for and data models are made of is looked into',
  )
  const wanted = { filter: {}, sort: 'name', limit: 10 } as const
  const { items, count } = await listObserved(app.house, admin(), target.id, wanted)
  assert.deepEqual(
    items.map(({ name, type, level, isEnabled }) => [name, type, level, isEnabled]),
    [
      ['Many starts - Rule', 'correlation', 'high', true],
      ['Plain', 'query', 'high', true],
    ],
  )
  assert.equal(count, 2)

  const adopted = await world.adopt(target, { filter: {}, ownership: 'managed' })
  assert.equal(adopted.reason, null)
  const told = await findPull(app.house, admin(), target.id)
  assert.deepEqual(told?.adopted, {
    jobId: adopted.id,
    created: 2,
    linked: 0,
    observeOnly: 0,
    refused: [],
    refusedCount: 0,
  })
  const after = await listObserved(app.house, admin(), target.id, wanted)
  const [first] = after.items
  assert.equal(first?.adoption?.ownership, 'managed')
  const rule = await getRule(app.house, admin(), first.adoption.ruleId)
  assert.deepEqual(
    [rule.state, rule.origin, rule.title, rule.level],
    ['active', 'adopted', 'Many starts', 'high'],
  )
  assert.match(rule.text, /action\.unheard\.param\.of: kept, verbatim/)
  const renders = await listRenders(app.house, admin(), rule.id)
  assert.equal(renders.find(({ kind }) => kind === 'splunk')?.state, 'ok')
  assert.deepEqual(writesOn(standin), [])

  const list = `/w/acme/targets/${target.id}/rules`
  const { ravi, vera } = app.cast
  const text = async (path: string, who = ravi) => {
    const answer = await app.fetchAs(who, path)
    assert.equal(answer.status, 200, path)
    return answer.text()
  }
  const post = (path: string, fields: Readonly<Record<string, string>> = {}, who = ravi) =>
    app.fetchAs(who, path, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { 'Sec-Fetch-Site': 'same-origin' },
    })
  const one = `${list}/${first.id}`
  assert.ok(/Many starts - Rule/.test(await text(`${list}?q=many&type=correlation&missing=`)))
  assert.ok(!/>Plain</.test(await text(`${list}?q=many`)))
  assert.ok(/the signature holds/.test(await text(one)))
  assert.ok(!/Let go|Read the rules now/.test((await text(one, vera)) + (await text(list, vera))))
  assert.ok(/Builds on/.test(await text(one)) && /dpn_/.test(await text(`${list}/dependencies`)))
  const [macroUsed] = built.items.filter(({ name }) => name === 'sysmon')
  const reached = await text(`${list}?dependency=${macroUsed!.id}`)
  assert.ok(/Many starts - Rule/.test(reached) && !/>Plain</.test(reached))
  assert.ok(/Where it stands/.test(await text(`/w/acme/rules/${rule.id}`)))
  assert.ok(/Nothing to adopt/.test(await text(`${list}/adopt`)))
  assert.equal((await post(`${one}/release`, {}, vera)).status, 403)

  assert.equal((await post(`${one}/release`)).status, 303)
  await nextTurn()
  assert.equal((await getRule(app.house, admin(), rule.id)).state, 'draft')
  assert.ok(/1 rule</.test(await text(`${list}/adopt?adopted=no`)))
  assert.equal((await post(`${one}/adopt`, { managed: 'yes' })).status, 303)
  await app.runner.drain()
  await nextTurn()
  assert.ok(/the signature holds/.test(await text(one)))
  const again = await listStandings(app.house, admin(), rule.id)
  assert.deepEqual(
    again.map(({ targetName, state, ownership }) => [targetName, state, ownership]),
    [['london', 'live', 'managed']],
    'the rule that it was',
  )
  // What the target does not tell is given by hand; what it tells is not.
  const given = { kind: 'macro', name: 'hidden', definition: 'index=web | lookup geo ip' }
  assert.equal((await post(`${list}/dependencies`, given, vera)).status, 403)
  assert.equal((await post(`${list}/dependencies`, { ...given, name: 'sysmon' })).status, 409)
  assert.equal((await post(`${list}/dependencies`, given)).status, 303)
  await nextTurn()
  assert.ok(/given by hand/.test(await text(`${list}/dependencies`)))

  // A typed search may call what is told; not what is unknown, and not what somebody here gave.
  const ask = (text: string) =>
    startSearch(app.house, admin(), {
      targetIds: [target.id],
      question: { language: 'spl', text },
      from: START - 60_000,
      to: START,
      rows: 10,
      bytes: 10_000,
      seconds: 10,
      scanned: null,
      purpose: 'test',
    })
  await ask('`sysmon` user=ada')
  for (const text of ['`nowhere`', '`hidden`', 'index=main | `cleanup`', '`computed`']) {
    await assert.rejects(ask(text), { code: 'invalid', message: /only reads/ }, text)
  }

  // What it builds on is told of then, whatever a macro has become since.
  const then = app.clock.now()
  estate.macros.set('sysmon', macro('index=main | lookup hosts host'))
  app.clock.advance(MINUTE)
  await world.pull(target)
  const builtOn = async (at: Instant) => {
    const { items: stood } = await asOf(app.house, admin(), { at, limit: 10 })
    return stood[0]?.dependencies?.map(({ name, version }) => `${name} ${version}`)
  }
  assert.deepEqual(await builtOn(then), ['gone 0', 'hosts 1', 'sysmon 1'])
  assert.deepEqual(await builtOn(app.clock.now()), ['hosts 1', 'sysmon 2'])

  // Many are let go of at once, each with an entry of its own.
  assert.ok(/1 rule</.test(await text(`${list}/release?q=many`)))
  assert.equal((await post(`${list}/release`, { q: 'many' }, vera)).status, 403)
  assert.equal((await post(`${list}/release`, {})).status, 303)
  await app.runner.drain()
  await nextTurn()
  assert.ok(/Nothing to let go of/.test(await text(`${list}/release`)))
  const log = await text('/w/acme/audit', app.cast.ada)
  assert.equal(log.match(/Let go of an adopted rule/g)?.length, 3, 'one before, and two')
  await removeTarget(app.house, admin(), target.id)
  await nextTurn()
  assert.equal((await getRule(app.house, admin(), rule.id)).state, 'draft', 'it stands nowhere')
  assert.deepEqual(await builtOn(then), ['gone 0', 'hosts 1', 'sysmon 1'], 'the target is gone')
  assert.deepEqual(writesOn(standin), [])
})
