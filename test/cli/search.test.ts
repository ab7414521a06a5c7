// One question at a terminal, to a Splunk, an OpenSearch, the sandbox and a target that knows no such
// account: the rows of those that answered, and a sentence for each about what is known.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { addTarget } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import { SECOND } from '#kernel/time.ts'
import { documentsOf, makeCluster } from '#standins/opensearch/cluster.ts'
import { opensearchAnswers } from '#standins/opensearch/opensearch.ts'
import { startStandin } from '#standins/server.ts'
import { makeEstate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { startProgram } from '#test/support/api.ts'
import { fakeClock, START } from '#test/support/clock.ts'
import { runHere } from '#test/support/shell.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const RULE = `title: Whoami
logsource: {category: process_creation, product: windows}
detection: {sel: {CommandLine|contains: whoami}, condition: sel}
`
const WINDOWS = { 'winlog.channel': 'Microsoft-Windows-Sysmon/Operational', 'event.code': '1' }
const AT = START / SECOND - 60

async function startSiems(t: { after: (fn: () => Promise<void>) => void }) {
  const clock = fakeClock()
  const seen = { CommandLine: 'cmd /c whoami', EventCode: 1 }
  const source = 'XmlWinEventLog:Microsoft-Windows-Sysmon/Operational'
  const events = [{ _time: AT, index: 'main', source, sourcetype: 'XmlWinEventLog', ...seen }]
  const splunk = await startStandin(splunkAnswers(makeEstate({ clock, events })), { clock })
  const document = {
    '@timestamp': new Date(AT * SECOND).toISOString(),
    ...WINDOWS,
    'process.command_line': 'cmd /c whoami',
  }
  const documents = documentsOf('logs-windows', [document])
  const cluster = makeCluster({ clock, documents })
  const opensearch = await startStandin(opensearchAnswers(cluster), { clock })
  t.after(async () => {
    await splunk.stop()
    await opensearch.stop()
  })
  return { splunk: splunk.url, opensearch: opensearch.url }
}

async function addSiem(
  app: TestApp,
  {
    kind,
    url,
    name,
    password = 'reader',
  }: Readonly<Record<'url' | 'name', string>> & {
    readonly kind: 'splunk' | 'opensearch'
    readonly password?: string
  },
): Promise<void> {
  const caller = () => systemCaller(app.house, 'test', undefined, app.acme.id)
  const { target } = await addTarget(
    app.house,
    caller(),
    NewTarget.parse({ name, kind, settings: { url } }),
  )
  const credential = { kind: 'basic', user: 'reader', password } as const
  await setCredential(app.house, caller(), target.id, { purpose: 'read', credential })
}

test('a rule is asked of four targets at once, and one lets nobody in', async (t) => {
  const siems = await startSiems(t)
  const app = await startApp(t, { env: { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' } })
  await addSiem(app, { kind: 'splunk', url: siems.splunk, name: 'splunk-london' })
  await addSiem(app, { kind: 'opensearch', url: siems.opensearch, name: 'opensearch-lab' })
  const locked = { kind: 'splunk', url: siems.splunk, name: 'splunk-locked' } as const
  await addSiem(app, { ...locked, password: 'forgotten' })
  const { text: token } = await startProgram(app, app.cast.ravi, { scopes: ['searches:run'] })
  const env = { RULEWRIGHT_TOKEN: token }
  const stdin = async () => RULE
  const shell = { cwd: '/', env, stdin }
  const { code, out, err } = await runHere(['search', '--server', app.url], shell)
  assert.equal(code, 1, err)
  const rows = out
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { target: string }).target)
  assert.deepEqual(new Set(rows), new Set(['opensearch-lab', 'splunk-london']), err)
  assert.match(err, /^splunk-london: 1 rows, complete$/m)
  assert.match(err, /^opensearch-lab: 1 rows, complete$/m)
  assert.match(err, /^local: 0 rows, complete$/m)
  assert.match(err, /^splunk-locked: failed, .+/m)

  const wrong = await runHere(['search', 'index=main', '--server', app.url, '--target', 'x'], shell)
  assert.equal(wrong.code, 2)
  assert.match(wrong.err, /there is no target x; there are: local, /)
})
