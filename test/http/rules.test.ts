// The list of rules as a door: what is done to many rules at once, with plain forms as without script.

import assert from 'node:assert/strict'
import test from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { place } from '#domain/placements/actions.ts'
import type { Placement } from '#domain/placements/placement.ts'
import { createRule, saveRule } from '#domain/rules/actions.ts'
import { startBulkEdit } from '#domain/rules/bulk/edit.ts'
import { saveRules } from '#domain/rules/save-many.ts'
import { getBulk, listBulkItems } from '#domain/rules/bulk/result.ts'
import { readEvent, ruleFromEvent } from '#domain/rules/testing/from-event.ts'
import { getRule, listRules, listVersions } from '#domain/rules/reading.ts'
import { runTests } from '#domain/rules/testing/actions.ts'
import { addTarget } from '#domain/targets/actions.ts'
import { NewTarget } from '#domain/targets/input.ts'
import type { JobId, RuleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Layer } from '#languages/attack/navigator.ts'
import type { Caller } from '#platform/caller.ts'
import { readZip } from '#platform/zip/read.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const ROOT = '/w/acme/rules'

const textOf = (title: string, more = '') =>
  `title: ${title} # a comment\nlevel: low\nlogsource: {product: windows, service: security}\ndetection: {a: {EventID: 1}, condition: a}\n${more}`

test('rules that are ticked get a tag by a form, and each gets it back by another', async (t) => {
  const app = await startApp(t)
  const [one, two, three] = await addRules(app, ['One', 'Two', 'Three'])
  const list = await body(app, ROOT)
  assert.match(list, new RegExp(`name="rule" value="${one}"`))
  const chooser = await body(app, `${ROOT}/bulk?rule=${one}&rule=${two}&of=level%3Dlow`)
  assert.match(chooser, /Change 2 rules/)
  assert.match(chooser, /href="\/w\/acme\/rules\?level=low"/)
  const form = { rule: `${one},${two}`, of: '', kind: 'addTag', tag: 'own.seen' }
  const bulk = await start(app, form)
  assert.deepEqual((await getBulk(app.house, caller(app), bulk)).counts, counts(2))
  const told = await body(app, `${ROOT}/bulk/${bulk}`)
  assert.match(told, /Add the tag own\.seen/)
  assert.match(told, /v1 → v2/)
  const tagged = await getRule(app.house, caller(app), one!)
  assert.deepEqual(tagged.tags, ['own.seen'])
  assert.match(tagged.text, /# a comment/)
  assert.deepEqual((await getRule(app.house, caller(app), three!)).tags, [])

  const edit = { text: textOf('Mine'), reason: '', expected: 'any' } as const
  await saveRule(app.house, caller(app), two!, edit)
  const undoing = await post(app, `${ROOT}/bulk/${bulk}/undo`, {})
  const undone = idIn(undoing)
  await app.runner.drain()
  const shown = await getBulk(app.house, caller(app), undone)
  assert.deepEqual([shown.counts, shown.bulk.undoes], [counts(1, 0, 1), bulk])
  assert.deepEqual((await getRule(app.house, caller(app), one!)).tags, [])
  assert.equal((await getRule(app.house, caller(app), two!)).title, 'Mine')
  const [newest] = (await listVersions(app.house, caller(app), one!, { limit: 1 })).items
  assert.deepEqual([newest!.number, newest!.restoredFrom], [3, 1])
  assert.match(await body(app, `${ROOT}/bulk/${undone}?result=refused`), /was changed since/)
  assert.equal((await post(app, `${ROOT}/bulk/${bulk}/undo`, {})).status, 409, 'undone once')
})

test('all that a filter leaves are retired, but for those that cannot be, and come back', async (t) => {
  const app = await startApp(t)
  const titles = Array.from({ length: 52 }, (_, at) => `Rule ${at}`)
  await addRules(app, [...titles, 'Kept'])
  const of = 'q=rule'
  assert.match(await body(app, `${ROOT}?${of}`), /All 52 that match/)
  assert.match(await body(app, `${ROOT}/bulk?all=1&of=${encodeURIComponent(of)}`), /and 40 more/)
  const bulk = await start(app, { all: '1', of, kind: 'retire' })
  assert.deepEqual((await getBulk(app.house, caller(app), bulk)).counts, counts(52))
  assert.equal((await rules(app)).count, 1)
  const { items } = await listBulkItems(app.house, caller(app), bulk, { limit: 1 })
  assert.deepEqual([items[0]!.before, items[0]!.after], ['1-draft', '1-retired'])
  idIn(await post(app, `${ROOT}/bulk/${bulk}/undo`, {}))
  await app.runner.drain()
  assert.equal((await rules(app)).count, 53)
})

test('whoever saves a rule while it is changed with others loses nothing, and neither does the change', async (t) => {
  const app = await startApp(t)
  const ids = await addRules(app, ['One', 'Two', 'Three'])
  const edit = { kind: 'addTag', tag: 'own.seen' } as const
  const bulk = await startBulkEdit(app.house, caller(app), { edit, ids: [...ids] })
  const mine = { text: textOf('Mine'), reason: '', expected: new Set(['1']) }
  const [saved] = await Promise.allSettled([
    saveRule(app.house, caller(app), ids[1]!, mine),
    app.runner.drain(),
  ])
  assert.deepEqual((await getBulk(app.house, caller(app), bulk)).counts, counts(3))
  const rule = await getRule(app.house, caller(app), ids[1]!)
  assert.deepEqual(rule.tags, ['own.seen'])
  assert.equal(rule.title, saved.status === 'fulfilled' ? 'Mine' : 'Two', 'refused or kept')
  const job = await body(app, `/w/acme/jobs/${bulk}`)
  assert.match(job, new RegExp(`href="${ROOT}/bulk/${bulk}"`))
})

test('a text that cannot be edited is told with its reason and stops no other', async (t) => {
  const app = await startApp(t)
  const anchored = 'tags: &t [a.b]\nrulewright: {more: *t}\n'
  const one = await addRule(app, 'Good')
  const two = await addRule(app, 'Odd', anchored)
  const bulk = await startBulkEdit(app.house, caller(app), {
    edit: { kind: 'addTag', tag: 'own.seen' },
    ids: [one, two],
  })
  await app.runner.drain()
  const refused = await listBulkItems(app.house, caller(app), bulk, { result: 'refused', limit: 5 })
  assert.deepEqual(
    refused.items.map(({ ruleId }) => ruleId),
    [two],
  )
  assert.ok(refused.items[0]!.message)
  assert.deepEqual((await getRule(app.house, caller(app), one)).tags, ['own.seen'])
})

test('ticked rules are tested and exported; with none ticked nothing is done', async (t) => {
  const app = await startApp(t)
  const [one] = await addRules(app, ['One', 'Two'])
  const zip = await app.fetchAs(app.cast.vera, `${ROOT}/export?rule=${one}`)
  const files = readZip(Buffer.from(await zip.arrayBuffer()))
  assert.deepEqual(
    files.map((file) => Buffer.from(file.read()).toString()),
    [textOf('One')],
  )
  const lines = await body(app, `${ROOT}/export?all=1&of=q%3Dtwo&format=ndjson`)
  assert.deepEqual([lines.trim().split('\n').length, lines.includes('Two')], [1, true])
  const tested = await post(app, `${ROOT}/tests`, { rule: one!, of: '' })
  assert.match(tested.headers.get('Location') ?? '', /\/jobs\/job_/)
  for (const path of [`${ROOT}/tests`, `${ROOT}/export`]) {
    const answer =
      path === `${ROOT}/tests`
        ? await post(app, path, { of: 'level=low' })
        : await app.fetchAs(app.cast.ravi, `${path}?of=level%3Dlow`)
    assert.equal(answer.headers.get('Location'), `${ROOT}?level=low`)
  }
  const none = await body(app, `${ROOT}/bulk`)
  assert.match(none, /No rule is ticked/)
  const vera = await app.fetchAs(app.cast.vera, `${ROOT}/bulk`)
  assert.equal(vera.status, 403)
})

test('a person keeps views, begins with one, and picks columns; nobody else sees them', async (t) => {
  const app = await startApp(t)
  await addRules(app, ['One', 'Two'])
  const kept = await post(app, `${ROOT}/views`, {
    name: '<b>Low</b>',
    query: 'level=low&columns=owner,tests&nonsense=1&sort=-level',
    begins: 'yes',
  })
  const address = `${ROOT}?level=low&sort=-level&columns=owner%2Ctests`
  assert.equal(kept.headers.get('Location'), address)
  const begun = await app.fetchAs(app.cast.ravi, ROOT)
  assert.equal(begun.headers.get('Location'), address)
  const list = await body(app, address)
  assert.match(list, /aria-current="page">&lt;b&gt;Low&lt;\/b&gt;/)
  assert.match(list, /<th[^>]*>Owner<\/th>/)
  assert.doesNotMatch(list, /<th[^>]*>Log source<\/th>/)
  assert.doesNotMatch(await body(app, `${ROOT}?sort=title`), /<th[^>]*>Owner<\/th>/)
  assert.equal((await app.fetchAs(app.cast.vera, ROOT)).status, 200, 'vera begins with all')
  const shown = await body(app, `${ROOT}/views`)
  const [, id] = /views\/(vew_[\w-]+)\/removal/.exec(shown)!
  const renamed = await post(app, `${ROOT}/views/${id}`, { name: 'Quiet' })
  assert.equal(renamed.status, 303)
  await post(app, `${ROOT}/views/${id}`, { begins: 'no' })
  assert.equal((await app.fetchAs(app.cast.ravi, ROOT)).status, 200)
  await post(app, `${ROOT}/views/${id}/removal`, {})
  assert.match(await body(app, `${ROOT}/views`), /No view is kept yet/)
})

test('a group is added, renamed, emptied into another as a job, and removed when empty', async (t) => {
  const app = await startApp(t)
  const id = await addRule(app, 'One', 'rulewright: {group: windows}\n')
  const groups = '/w/acme/groups'
  const added = await post(app, groups, { name: '<i>Linux</i>', slug: 'linux' })
  assert.equal((await post(app, groups, { name: 'Again', slug: 'linux' })).status, 409)
  const list = await body(app, groups)
  const [, windows] = /groups\/(grp_[\w-]+)"[^>]*>windows</.exec(list)!
  assert.match(list, /&lt;i&gt;Linux/)
  await post(app, `${groups}/${windows}`, { name: 'Windows machines' })
  const page = await body(app, `${groups}/${windows}`)
  assert.match(page, /Windows machines/)
  assert.equal((await post(app, `${groups}/${windows}/removal`, {})).status, 409, 'a rule is in it')
  const bulk = idIn(await post(app, `${groups}/${windows}/move`, { to: 'linux' }))
  await app.runner.drain()
  assert.deepEqual((await getBulk(app.house, caller(app), bulk)).counts, counts(1))
  assert.equal((await getRule(app.house, caller(app), id)).group, 'linux')
  assert.equal((await post(app, `${groups}/${windows}/removal`, {})).status, 303)
  assert.equal((await post(app, added.headers.get('Location')! + '/removal', {})).status, 409)
})

test('while a rule is written, the editor tells and mends, and saves nothing by itself', async (t) => {
  const app = await startApp(t)

  await t.test(
    'a text is compiled without being saved, for each kind of place, and as a part of the page',
    async () => {
      const text =
        'title: A\nlogsource: {product: windows, category: process_creation}\ndetection: {a: {Image: x.exe}, condition: a}\n'
      const whole = await post(app, `${ROOT}/new`, { text, act: 'check' })
      const html = await whole.text()
      assert.match(html, /id="kind-splunk"[^>]*checked/)
      assert.match(html, /x\.exe/)
      const headers = {
        'Sec-Fetch-Site': 'same-origin',
        'HX-Request': 'true',
        'HX-Request-Type': 'partial',
        'HX-Target': 'div#preview',
      }
      const body = new URLSearchParams({ text, kind: 'elastic' })
      const part = await app.fetchAs(app.cast.ravi, `${ROOT}/new`, {
        method: 'POST',
        body,
        headers,
      })
      const fragment = await part.text()
      assert.match(fragment, /^<div id="preview"/)
      assert.match(fragment, /id="kind-elastic"[^>]*checked/)
      assert.match(fragment, /<code class="break">[^<]+<\/code>/, 'where it looks')
      assert.equal((await rules(app)).count, 0)
    },
  )

  await t.test(
    'a revoked technique is offered as what took its place, and written there alone',
    async () => {
      const text =
        'title: A\ntags: [own.tag, attack.t1086] # why\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: a}\n'
      const checked = await (await post(app, `${ROOT}/new`, { text, act: 'check' })).text()
      assert.match(checked, /name="fix"[^>]*value="attack\.t1086"/)
      const fixed = await (await post(app, `${ROOT}/new`, { text, fix: 'attack.t1086' })).text()
      assert.match(fixed, /tags: \[own\.tag, attack\.t1059\.001\] # why/)
      assert.doesNotMatch(fixed, /name="fix"/)
      assert.equal((await rules(app)).count, 0)
    },
  )

  await t.test(
    'what a check wants in another spelling is written so by a button, and nothing else is',
    async () => {
      const text = [
        'title: A',
        'date: 2024/5/01 # first',
        'modified: 05.06.2024',
        'level: HIGH',
        'logsource: {product: Windows, category: process_creation}',
        "detection: {a: {Image: x}, b: {User: 'AND'}, condition: a AND not b}",
        '',
      ].join('\n')
      let shown = await (await post(app, `${ROOT}/new`, { text, act: 'check' })).text()
      let typed = text
      for (let fixed = 0; fixed < 4; fixed++) {
        const [, fix] = /name="fix" value="([^"]+)"/.exec(shown) ?? assert.fail(shown.slice(-500))
        shown = await (await post(app, `${ROOT}/new`, { text: typed, fix: fix! })).text()
        const [, escaped] = /<textarea[^>]*>\n([\s\S]*?)<\/textarea>/.exec(shown)!
        typed = escaped!.replaceAll('&#39;', "'").replaceAll('&amp;', '&')
      }
      const wanted = text
        .replace('2024/5/01', '2024-05-01')
        .replace('HIGH', 'high')
        .replace('Windows', 'windows')
        .replace('a AND', 'a and')
      assert.equal(typed, wanted)
      assert.doesNotMatch(shown, /name="fix"/, 'which is day and which is month nobody can tell')
    },
  )

  await t.test(
    'a rule begins with one of ours, or with the fields of an event, which it then fires on',
    async () => {
      const choices = await body(app, `${ROOT}/new/from`)
      assert.match(choices, /template=windows%2Fwhoami-as-system\.yml/)
      const ours = await body(app, `${ROOT}/new?template=windows%2Fwhoami-as-system.yml`)
      assert.match(ours, /title: Whoami runs as SYSTEM/)
      assert.doesNotMatch(ours, /\nid: /)
      const event = JSON.stringify({
        Image: 'C:\\a*b\\\\x?.exe',
        Event: { EventID: 1 },
        'odd "name"': '</textarea><script>alert(1)</script>',
        list: [1],
      })
      const from = (field: readonly string[]) => {
        const form = new URLSearchParams({ event })
        for (const one of field) form.append('field', one)
        const headers = { 'Sec-Fetch-Site': 'same-origin' }
        return app.fetchAs(app.cast.ravi, `${ROOT}/new/from`, {
          method: 'POST',
          body: form,
          headers,
        })
      }
      const shown = await (await from([])).text()
      assert.match(shown, /value="Event\.EventID"/)
      assert.doesNotMatch(shown, /value="list"/)
      assert.doesNotMatch(shown, /<script>alert/)
      const names = ['Image', 'Event.EventID', 'odd "name"', 'nowhere']
      const page = await (await from(names)).text()
      assert.match(page, /Nothing is wrong|sigma\//)
      const text = ruleFromEvent(readEvent(event)!, names)
      const { rule } = await createRule(app.house, caller(app), {
        text,
        reason: '',
        origin: 'written',
      })
      const run = await runTests(app.house, caller(app), rule.id)
      assert.deepEqual([run.passed, run.failed, run.untold], [2, 0, 0], text)
      const refused = await post(app, `${ROOT}/new/from`, { event: '[1]' })
      assert.equal(refused.status, 422)
    },
  )
})

test('the techniques that rules name leave as a layer, each with how many name it', async (t) => {
  const app = await startApp(t)
  await addRule(app, 'One', 'tags: [attack.t1059.001, attack.t1086, attack.execution]\n')
  await addRule(app, 'Two', 'tags: [ATTACK.T1059.001, attack.t9999, cve.2026-1]\n')
  const answer = await app.fetchAs(app.cast.vera, `${ROOT}/layer?of=`)
  assert.match(answer.headers.get('Content-Disposition')!, /rules-written-layer\.json/)
  const layer = (await answer.json()) as Layer
  assert.deepEqual(
    layer.techniques.map(({ techniqueID, score }) => [techniqueID, score]),
    [['T1059.001', 3]],
  )
  assert.match(layer.description, /written, not what is deployed/)
  const none = await body(app, `${ROOT}/layer?of=q%3Dnothing`)
  assert.deepEqual((JSON.parse(none) as Layer).techniques, [])
})

test('names of ten kilobytes with markup, and five thousand tags, leave every page small and text', async (t) => {
  const app = await startApp(t)
  const title = `</title><img src=x onerror=alert(1)> \u202E${'x'.repeat(10_000)}`
  const tags = Array.from({ length: 5_000 }, (_, at) => `attack.x${at}`).join(', ')
  const owner = `${'o'.repeat(60)}@acme.example`
  const texts = Array.from({ length: 51 }, (_, at) => {
    const named = `title: ${JSON.stringify(`${at} ${title}`)}\nlogsource: {product: ${'p'.repeat(2_000)}}\n`
    const more = `detection: {a: {b: c}, condition: a}\nrulewright: {owner: ${owner}}\n`
    return `${named}${at === 0 ? `tags: [${tags}]\n` : ''}${more}`
  })
  const items = texts.map((text) => ({ text, reason: '', origin: 'imported' as const }))
  const [first] = await saveRules(app.house, caller(app), items)
  assert.ok(first && 'rule' in first)
  const bulk = await start(app, { all: '1', of: '', kind: 'retire' })
  const pages = [
    `${ROOT}?state=retired&columns=owner,group,status,source,level,attack`,
    `${ROOT}/bulk?all=1&of=state%3Dretired`,
    `${ROOT}/bulk/${bulk}`,
    `${ROOT}/${first.rule.id}`,
  ]
  for (const path of pages) {
    const html = await body(app, path)
    assert.ok(html.length < 150_000, `${path} has ${html.length} characters`)
    assert.doesNotMatch(html, /<img/)
    assert.match(html, /&lt;img/)
  }
})

test('where a rule stands is a face of the rule and a column of the list', async (t) => {
  const app = await startApp(t)
  const [one] = await addRules(app, ['One', 'Two'])
  assert.match(await body(app, `${ROOT}/${one}/deployed`), /It stands nowhere yet/)
  const settings = { url: 'https://127.0.0.1:9' }
  const input = NewTarget.parse({ name: 'london', kind: 'splunk', settings })
  const { target } = await addTarget(app.house, caller(app), input)
  const at = 1_790_000_000_000 as Instant
  const placement: Placement = {
    ruleId: one!,
    targetId: target.id,
    ref: 'one-there',
    ownership: 'managed',
    state: 'live',
    version: 1,
    hash: 'ab'.repeat(32),
    body: { query: 'what is to <stand> there' },
    raw: {},
    etag: null,
    origin: 'deployment',
    deploymentId: null,
    isSigned: true,
    soakUntil: null,
    since: at,
    checkedAt: at,
  }
  await app.house.db.write(caller(app), (tx) => place(tx, app.house, caller(app), placement))
  const html = await body(app, `${ROOT}/${one}/deployed`)
  assert.match(html, /london[^]*live[^]*one-there[^]*what is to &lt;stand&gt; there/)
  const list = await body(app, `${ROOT}?columns=where`)
  assert.match(list, /london: live, version 1/)
  assert.match(list, /nowhere/, 'the other rule')
})

const counts = (changed: number, same = 0, refused = 0) => ({ changed, same, refused })

function caller(app: TestApp): Caller {
  return systemCaller(app.house, 'test', undefined, app.acme.id)
}

async function addRules(app: TestApp, titles: readonly string[]): Promise<readonly RuleId[]> {
  const ids: RuleId[] = []
  for (const title of titles) ids.push(await addRule(app, title))
  return ids
}

async function addRule(app: TestApp, title: string, more = ''): Promise<RuleId> {
  const text = textOf(title, more)
  const { rule } = await createRule(app.house, caller(app), { text, reason: '', origin: 'written' })
  return rule.id
}

const rules = (app: TestApp) =>
  listRules(app.house, caller(app), { filter: {}, sort: 'title', limit: 1 })

async function body(app: TestApp, path: string): Promise<string> {
  const answer = await app.fetchAs(app.cast.ravi, path)
  assert.equal(answer.status, 200, path)
  return answer.text()
}

function post(app: TestApp, path: string, form: Readonly<Record<string, string>>) {
  const headers = { 'Sec-Fetch-Site': 'same-origin' }
  const init = { method: 'POST', body: new URLSearchParams(form), headers }
  return app.fetchAs(app.cast.ravi, path, init)
}

async function start(app: TestApp, form: Readonly<Record<string, string>>): Promise<JobId> {
  const id = idIn(await post(app, `${ROOT}/bulk`, form))
  await app.runner.drain()
  return id
}

function idIn(answer: Response): JobId {
  assert.equal(answer.status, 303)
  return answer.headers.get('Location')!.split('/').at(-1) as JobId
}
