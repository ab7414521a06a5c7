// The pages of targets without script: a SIEM is added, given a credential, checked, changed and removed
// with forms; what is typed in secret is on no page.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextTurn } from '#platform/turns.ts'
import { smallSiem } from '#test/support/small-siem.ts'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'

async function post(
  app: TestApp,
  person: CastMember,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<Response> {
  return app.fetchAs(person, path, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { 'Sec-Fetch-Site': 'same-origin' },
  })
}

// A failing match of a page prints all of it.
const has = (text: string, wanted: RegExp) => assert.ok(wanted.test(text), String(wanted))
const hasNot = (text: string, refused: RegExp) => assert.ok(!refused.test(text), String(refused))

test('an admin adds a SIEM, gives it a credential and sees how it is', async (t) => {
  const siem = smallSiem()
  const app = await startApp(t, { openSiem: siem.open })
  const { ada, vera } = app.cast
  const list = '/w/acme/targets'
  const text = async (path: string, who = ada) => (await app.fetchAs(who, path)).text()

  has(await text(list), /No SIEM yet/)
  has(await text('/w/acme'), /<a href="\/w\/acme\/targets\/new" class="btn btn-primary"/)
  has(await text(`${list}/new`), /kind=splunk/)
  has(await text(`${list}/new?kind=splunk`), /rulewright_read/)

  const url = 'https://splunk.example:8089'
  const bad = await post(app, ada, `${list}/new?kind=splunk`, {
    name: 'No Name',
    stage: 'test',
    'settings.url': 'ftp://x',
    ca: 'no certificate',
  })
  assert.equal(bad.status, 422)
  const told = await bad.text()
  has(told, /The name is no short name/)
  has(told, /Management address is no address/)
  has(told, /holds no certificates in PEM/)
  has(told, /value="ftp:\/\/x"/)

  const fields = { name: 'london', stage: 'test', 'settings.url': url, 'settings.app': '', ca: '' }
  const refused = await post(app, ada, `${list}/new?kind=splunk`, { ...fields, mode: 'read_write' })
  assert.equal(refused.status, 422, 'a field that the form does not have')
  const added = await post(app, ada, `${list}/new?kind=splunk`, fields)
  assert.equal(added.status, 303)
  const one = added.headers.get('Location')!.replace('/credentials', '')
  const again = await post(app, ada, `${list}/new?kind=splunk`, fields)
  has(await again.text(), /There is a target london already/)

  const wrong = await post(app, ada, `${one}/credentials`, {
    kind: 'basic',
    'basic.purpose': 'read',
    'basic.user': '',
    'basic.password': 'reader-secret',
    'basic.expires': '',
  })
  assert.equal(wrong.status, 422)
  const page = await wrong.text()
  has(page, /is empty/)
  hasNot(page, /reader-secret/)
  const typed = await post(app, ada, `${one}/credentials`, {
    kind: 'token',
    'token.purpose': 'read',
    'token.token': 'reader-secret',
    'token.expires': '2026-12-01',
  })
  assert.equal(typed.status, 303)
  await app.runner.drain()
  await nextTurn()
  for (const path of ['', '/credentials', '/privileges', '/schema', '/settings']) {
    const shown = await text(one + path)
    hasNot(shown, /reader-secret/)
    const asViewer = await text(one + path, vera)
    has(asViewer, /london/)
    hasNot(asViewer, /Check now|Seal and check|Remove target|>Save</)
  }
  has(await text('/w/acme'), /Not as it should be: 1 target of 1/)
  has(await text(one), /rulewright-read/)
  has(await text(one), /expires in 10 days/)
  has(await text(`${one}/privileges`), /held/)

  const settings = {
    over: '1',
    name: 'london',
    stage: 'test',
    mode: 'read_write',
    deploy: 'api',
    'settings.url': url,
    'settings.app': 'detections',
    ca: '',
    pins: '',
    concurrency: '2',
    checkMinutes: '15',
    parameters: 'index.windows = wineventlog\n',
  }
  const none = await post(app, ada, `${one}/settings`, { ...settings, pins: 'no-pin' })
  has(await none.text(), /One of them is no SHA-256/)
  assert.equal((await post(app, ada, `${one}/settings`, settings)).status, 303)
  const saved = await text(`${one}/settings`)
  has(saved, /index\.windows = wineventlog/)
  has(saved, /value="detections"/)
  const stale = await post(app, ada, `${one}/settings`, settings)
  assert.equal(stale.status, 412)
  const moved = { ...settings, over: '2', 'settings.url': 'https://paris.example:8089' }
  const voided = await post(app, ada, `${one}/settings`, moved)
  has(voided.headers.get('Location')!, /credentials$/)
  has(await text(`${one}/credentials`), /No credential yet/)

  for (const path of ['/check', '/removal']) {
    assert.equal((await post(app, vera, one + path, {})).status, 403)
  }
  assert.equal((await post(app, ada, `${one}/removal`, {})).status, 303)
  assert.equal((await app.fetchAs(ada, one)).status, 403)
})
