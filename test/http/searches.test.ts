// The pages of searches without script: whom a question goes to, and who asked, saved and pinned.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { addTarget } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import { nextTurn } from '#platform/turns.ts'
import { answeringSiem, rowsPage } from '#test/support/answering-siem.ts'
import { startProgram } from '#test/support/api.ts'
import { startApp } from '#test/support/start-app.ts'

const PLACES = [
  ['paris', 'splunk'],
  ['rome', 'splunk'],
  ['oslo', 'opensearch'],
] as const

test('all targets are one tick, and a person stands by name wherever they did something', async (t) => {
  const siem = answeringSiem()
  const app = await startApp(t, { openSiem: siem.open })
  const { ravi, ada } = app.cast
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  for (const [name, kind] of PLACES) {
    siem.scripts.set(name, { start: async () => ({ first: rowsPage([['x', 'h1']]) }) })
    const settings = { url: `https://${name}.example:8089/` }
    const input = NewTarget.parse({ name, kind, settings })
    const { target } = await addTarget(app.house, caller, input)
    if (kind === 'opensearch') continue
    const credential = { kind: 'token', token: 'reader-secret' } as const
    await setCredential(app.house, caller, target.id, { purpose: 'read', credential })
  }
  await app.runner.drain()
  await nextTurn()
  const root = '/w/acme/searches'
  const post = (path: string, fields: Readonly<Record<string, string>>) =>
    app.fetchAs(ravi, root + path, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { 'Sec-Fetch-Site': 'same-origin' },
      redirect: 'manual',
    })
  const question = { language: 'spl', text: 'index=main', last: '1h' }

  const nobody = await post('', question)
  assert.equal(nobody.status, 422)
  assert.match(await nobody.text(), /Tick at least one target/)
  const asked = await post('', { ...question, all: 'yes' })
  assert.equal(asked.status, 303, await asked.text())
  await app.runner.drain()
  await nextTurn()
  assert.equal(siem.requests.length, 3, 'OpenSearch speaks no SPL, the sandbox does')

  const { call } = await startProgram(app, ravi, { scopes: ['searches:run'] })
  const json = { question: { language: 'kusto', text: 'T | take 1' }, targets: 'all', last: '1h' }
  const none = (await (await call('/searches', { json })).json()) as { segments: unknown[] }
  assert.equal(none.segments.length, 1, 'the sandbox alone runs Kusto')
  await app.runner.drain()

  const here = asked.headers.get('Location')!.replace(root, '')
  await post(`${here}/pins`, { segment: '1', row: '0', show: 'host' })
  await post(`${here}/save`, { name: 'Hosts', shared: 'yes' })
  await nextTurn()
  const saved = /saved\/sav_[\w-]+/.exec(await (await app.fetchAs(ada, `${root}/saved`)).text())!
  for (const path of ['', here, '/saved', `/${saved[0]}`]) {
    const text = await (await app.fetchAs(ada, root + path)).text()
    assert.ok(text.includes('Ravi'), `${path} names who did it`)
    assert.ok(!text.includes(ravi.userId), `${path} shows no id`)
  }
})
