// A thousand rules written to a Splunk stand-in and read back: nothing that was written may seem to have
// drifted, and one field changed behind our back must.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSplunk } from '#adapters/siem/splunk/open.ts'
import type { RuleBody } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'
import type { Throttle } from '#languages/rule-formats/write/rule.ts'
import { writeRule } from '#languages/rule-formats/write/write.ts'
import { startStandin } from '#standins/server.ts'
import { makeEstate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { fakeClock } from '#test/support/clock.ts'
import { corpusQueries } from '#test/support/corpora.ts'
import { connectionTo } from '#test/support/siem.ts'

const RULES = 1_000
const OWN = [
  'index=main EventCode=4688 | stats count by user',
  '`sysmon` process_name=powershell.exe\n| stats count min(_time) as first by dest user\n| `security_content_ctime(first)`  \n',
  '| tstats count from datamodel=Endpoint.Processes where Processes.process="*\\\\temp\\\\*" by Processes.dest',
  '```what for``` index=web status>=500 uri="/a?b=c&d=e+f%20g" user="Ünïcode ✓"',
]
const NAMES = ['Rule', 'ESCU - Attempt / Rule', 'Règle 100 % “sure”', 'a+b & c?d#e']

/** What the product would write for a rule of many kinds; a vendor's own settings come in any type. */
function bodyOf(at: number, query: string): RuleBody {
  const pick = <T>(...of: T[]): T => of[at % of.length]!
  const isSecurity = at % 2 === 1
  const written = writeRule('splunk', {
    title: titleOf(at),
    description: pick(null, 'One line', 'Two\r\nlines  ', ' ends '),
    level: pick(null, 'low', 'high', 'critical'),
    author: null,
    license: null,
    references: [],
    tags: pick([], ['attack.t1003', 'attack.t1059.001']),
    falsepositives: [],
    type: isSecurity ? 'correlation' : 'query',
    language: 'spl',
    queries: [query],
    indexes: [],
    schedule: {
      everyMs: pick(null, 5 * MINUTE, HOUR),
      cron: null,
      offsetMs: null,
      windowMs: null,
      timeField: 'event',
      mode: pick('scheduled', 'continuous'),
      neededMs: 0,
    },
    throttle: pick(
      null,
      THROTTLE,
      { ...THROTTLE, mode: 'all', fields: [] },
      { ...THROTTLE, mode: 'none' },
    ),
    entities: isSecurity ? [{ type: 'user', field: 'user' }] : [],
    output:
      at % 6 === 5
        ? {
            kind: 'risk',
            objects: [{ type: 'user', field: 'user', score: 50 }],
            message: '{{user}} did "it"',
          }
        : { kind: 'alert', objects: [], message: null },
    details: {},
    titleTemplate: isSecurity ? '{{user}} on {{dest}}' : null,
    drilldowns: isSecurity
      ? [{ name: 'd', query: 'index=main user="$user$"', windowMs: null }]
      : [],
    threshold: pick(null, 5),
    settings: {
      'alert.expires': pick<string | number>('24h', 86_400),
      schedule_window: pick('auto', '15', 'default'),
      'action.email': pick<string | boolean>('0', false, true),
      'action.unheard.param.of': pick<string | boolean>('true', true, 'a,b', '["x", 1]', ''),
    },
    sigma: null,
  })
  assert.deepEqual(
    written.problems.filter(({ severity }) => severity === 'error'),
    [],
  )
  const odd = {
    disabled: pick<Json>(false, '0', 'true', 1),
    is_scheduled: pick<Json>('1', 1, true),
  }
  return { ...written.value, ...odd, cron_schedule: pick('*/5 * * * *', '7  *  * * 1-5') }
}

const THROTTLE: Throttle = {
  mode: 'per_value',
  fields: ['user', 'dest'],
  periodMs: HOUR,
  missing: null,
}

function titleOf(at: number): string {
  return `${NAMES[at % NAMES.length]!} ${at}`
}

test('a thousand rules written and read back show no drift, and a field changed behind us does', async () => {
  const published = corpusQueries('spl').map(({ query }) => query)
  const found = [...OWN, ...published]
  const clock = fakeClock()
  const estate = makeEstate({ clock })
  const standin = await startStandin(splunkAnswers(estate), { clock })
  const credential = { kind: 'basic', user: 'writer', password: 'writer' } as const
  const connection = connectionTo({ api: standin.url }, { kind: 'splunk', credential, clock })
  const { rules } = openSplunk(connection)
  assert.ok(rules?.refOf)
  const signal = new AbortController().signal
  const drifted = (body: RuleBody, seen: RuleBody) =>
    Object.entries(rules.normalise(body)).flatMap(([key, value]) =>
      (seen[key] ?? '') === value ? [] : [`${key}: ${JSON.stringify([value, seen[key]])}`],
    )
  try {
    const bodies = new Map(
      Array.from({ length: RULES }, (_, at) => [
        titleOf(at),
        bodyOf(at, found[at % found.length]!),
      ]),
    )
    const wrong: string[] = []
    for (const [name, body] of bodies) {
      const seen = await rules.put({ ref: rules.refOf(name), body, replaces: null }, signal)
      wrong.push(...drifted(body, seen.normalised))
      // The same again is no change.
      const again = await rules.put({ ref: seen.ref, body, replaces: seen }, signal)
      wrong.push(...drifted(body, again.normalised))
    }
    const listed = await rules.list(signal)
    assert.deepEqual([listed.rules.length, listed.completeness.kind], [RULES, 'complete'])
    for (const rule of listed.rules) {
      wrong.push(...drifted(bodies.get(rule.name)!, rule.normalised))
    }
    assert.deepEqual(wrong.slice(0, 5), [])
    for (const saved of estate.savedSearches) saved.settings.set('alert.severity', '1')
    for (const { ref, name } of listed.rules.slice(0, 20)) {
      const now = await rules.read(ref, signal)
      assert.equal(drifted(bodies.get(name)!, now!.normalised).length, 1, name)
    }
  } finally {
    connection.close()
    await standin.stop()
  }
})
