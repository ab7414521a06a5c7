// A newer version of ATT&CK: imported by the owner, counted at once in lint, picker and pages, and gone
// again; and the picker itself.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { verbsOf } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { importAttack } from '#domain/instance/attack-actions.ts'
import { lintRules } from '#domain/rules/questions.ts'
import { embeddedAttack } from '#languages/attack/attack.ts'
import { makeScope } from '#platform/db/scope.ts'
import { runHere } from '#test/support/shell.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const reference = (id: string) => [{ source_name: 'mitre-attack', external_id: id }]
const phases = [{ kill_chain_name: 'mitre-attack', phase_name: 'execution' }]
const NEWER = {
  type: 'bundle',
  objects: [
    { type: 'x-mitre-collection', x_mitre_version: '99.1' },
    {
      type: 'x-mitre-tactic',
      name: 'Execution',
      x_mitre_shortname: 'execution',
      external_references: reference('TA0002'),
    },
    {
      type: 'attack-pattern',
      id: 'attack-pattern--old',
      name: 'Old <b>way</b>',
      revoked: true,
      kill_chain_phases: phases,
      external_references: reference('T1059'),
    },
    {
      type: 'attack-pattern',
      id: 'attack-pattern--new',
      name: 'Conjuring <b>of</b> shells',
      kill_chain_phases: phases,
      x_mitre_platforms: ['Windows'],
      external_references: reference('T7777'),
    },
    {
      type: 'relationship',
      relationship_type: 'revoked-by',
      source_ref: 'attack-pattern--old',
      target_ref: 'attack-pattern--new',
    },
  ],
}

const RULE = `title: Shells
logsource: {product: windows}
detection: {sel: {Image: x}, condition: sel}
tags: [attack.execution, attack.t1059, attack.t7777]
`

async function attackCodes(app: TestApp): Promise<readonly string[]> {
  const scope = makeScope(app.acme.id)
  const caller = { ...systemCaller(app.house, 'test'), scope, verbs: verbsOf('viewer') }
  const linted = await lintRules(app.house, caller, { rules: [{ path: 'r.yml', text: RULE }] })
  const problems = linted.flatMap((one) => one.problems)
  return problems.flatMap(({ code, hint }) =>
    code.startsWith('sigma/attack-') ? [`${code} ${hint ?? ''}`.trim()] : [],
  )
}

const html = async (app: TestApp, who: 'ada' | 'vera', path: string, init?: RequestInit) =>
  (await app.fetchAs(app.cast[who], path, init)).text()

test('an imported version counts at once, everywhere, until the owner goes back', async (t) => {
  const app = await startApp(t)
  const file = join(app.data, 'newer.json.gz')
  writeFileSync(file, gzipSync(JSON.stringify(NEWER)))
  assert.deepEqual(await attackCodes(app), ['sigma/attack-unknown'])
  assert.match(await html(app, 'ada', '/instance'), /shipped with Rulewright/)

  // As a person does it while the server runs: the command is carried out in there.
  const argv = ['attack', 'import', file, '--data', app.data]
  const ran = await runHere(argv, { cwd: app.data })
  assert.deepEqual([ran.code, ran.err], [0, ''])
  assert.equal(ran.out, 'ATT&CK 99.1 is in force: 1 tactics, 1 techniques')
  assert.deepEqual(await attackCodes(app), ['sigma/attack-revoked Write attack.t7777.'])
  const picker = await html(app, 'vera', '/w/acme/attack?q=conjuring')
  assert.match(picker, /<code>attack\.t7777<\/code>/)
  assert.match(picker, /Conjuring &lt;b&gt;of/)
  assert.match(await html(app, 'ada', '/instance'), /99\.1/)

  const post = { method: 'POST', headers: { 'Sec-Fetch-Site': 'same-origin' } }
  const refused = await app.fetchAs(app.cast.vera, '/instance/attack/reset', post)
  assert.equal(refused.status, 403)
  const back = await app.fetchAs(app.cast.ada, '/instance/attack/reset', post)
  assert.equal(back.status, 303)
  assert.deepEqual(await attackCodes(app), ['sigma/attack-unknown'])
  const again = await app.fetchAs(app.cast.ada, '/instance/attack/reset', post)
  assert.equal(again.status, 409)

  const { items } = await readAudit(app.house, systemCaller(app.house, 'test'), {}, { limit: 50 })
  const acts = items.filter(
    ({ action, outcome }) => action.startsWith('attack.') && outcome === 'done',
  )
  assert.deepEqual(
    acts.map(({ action, data }) => [action, (data as { version: string }).version]),
    [
      ['attack.reset', embeddedAttack().version],
      ['attack.import', '99.1'],
    ],
  )
})

test('what is no such bundle is refused with what is wrong, and changes nothing', async (t) => {
  const app = await startApp(t)
  const owner = systemCaller(app.house, 'cli', 'ada')
  const refusals = {
    'missing.json': [undefined, /does not exist/],
    'text.json': ['no json', /is no JSON/],
    'list.json': ['[1, 2]', /no STIX bundle/],
    'empty.json.gz': [gzipSync('{"type": "bundle"}'), /no STIX bundle/],
    'torn.json.gz': [gzipSync(JSON.stringify(NEWER)).subarray(0, 60), /cannot be read/],
    'mobile.json': [
      JSON.stringify(NEWER).replaceAll(
        '"type":"attack-pattern"',
        '"type":"attack-pattern","x_mitre_domains":["mobile-attack"]',
      ),
      /for mobile-attack, not for enterprise-attack/,
    ],
  } as const
  for (const [name, [content, message]] of Object.entries(refusals)) {
    const file = join(app.data, name)
    if (content !== undefined) writeFileSync(file, content)
    await assert.rejects(importAttack(app.house, owner, file), { code: 'invalid', message }, name)
  }
  assert.deepEqual(await attackCodes(app), ['sigma/attack-unknown'])
  const engineer = { ...owner, verbs: verbsOf('engineer') }
  await assert.rejects(importAttack(app.house, engineer, 'x'), { code: 'forbidden' })
})

test('the picker is a page without script, and a list for htmx', async (t) => {
  const app = await startApp(t)
  const whole = await html(app, 'vera', '/w/acme/attack?q=powershell')
  assert.match(whole, /<html/)
  assert.match(whole, /<code>attack\.t1059\.001<\/code>/)
  assert.match(whole, /permission of The MITRE Corporation/)
  const headers = {
    'HX-Request': 'true',
    'HX-Request-Type': 'partial',
    'HX-Target': 'div#attack-results',
  }
  const part = await html(app, 'vera', '/w/acme/attack?q=T1086', { headers })
  assert.doesNotMatch(part, /<html|<form/)
  assert.match(part, /attack\.t1059\.001.*was T1086/s)
  assert.match(await html(app, 'vera', '/w/acme/attack'), /Type an id, a name or a tactic/)
  const odd = await html(app, 'vera', `/w/acme/attack?q=${encodeURIComponent('<script>x')}`)
  assert.doesNotMatch(odd, /<script>x/)
})
