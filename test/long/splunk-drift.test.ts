// A thousand rules written to a Splunk stand-in and read back: nothing that was written may seem to have
// drifted, and one field changed behind our back must.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSplunk } from '#adapters/siem/splunk/open.ts'
import type { RuleBody } from '#domain/targets/port.ts'
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

/** Every value in one of the types that people and files write it in. */
function bodyOf(at: number, search: string): RuleBody {
  const pick = <T>(...of: T[]): T => of[at % of.length]!
  const base = {
    name: `${pick(...NAMES)} ${at}`,
    search,
    description: pick('', 'One line', 'Two\r\nlines  ', ' ends '),
    disabled: pick<string | boolean>(false, '0', 'false', '1', true),
    is_scheduled: pick<string | number | boolean>('1', 1, true, 'true'),
    cron_schedule: pick('*/5 * * * *', '7  *  * * 1-5', '0 0 1,15 * *'),
    'dispatch.earliest_time': pick('-70m@m', '-24h', ''),
    'dispatch.latest_time': pick('-10m@m', 'now', ''),
    'alert.severity': pick<string | number>(3, '5', 6),
    'alert.track': pick<string | boolean>('1', true, '0'),
    'alert.suppress': pick<string | boolean>('1', false, ''),
    'alert.suppress.fields': pick('dest,user', '', 'dest, user'),
    'alert.suppress.period': pick('3600s', '1h', ''),
    alert_type: 'number of events',
    alert_comparator: 'greater than',
    alert_threshold: pick<string | number>('0', 5),
    realtime_schedule: pick<string | boolean>('0', true, false),
    schedule_window: pick('auto', '15', 'default'),
  }
  if (at % 2 === 0) return base
  return {
    ...base,
    actions: pick('notable,risk', 'risk, notable', 'email'),
    'action.correlationsearch.enabled': pick<string | boolean>('1', true),
    'action.correlationsearch.label': `Label ${at}`,
    'action.correlationsearch.annotations': pick(
      '{"mitre_attack": ["T1003", "T1059"], "cis20": []}',
      '{"cis20":[],"mitre_attack":["T1003"]}',
    ),
    'action.notable': pick<string | number>('1', 1),
    'action.notable.param.severity': pick('high', 'low'),
    'action.notable.param.rule_title': '$user$ did "it" on $dest$',
    'action.notable.param.nes_fields': 'user,dest',
    'action.risk': '1',
    'action.risk.param._risk':
      '[{"risk_object_field":"user","risk_object_type":"user","risk_score":50}]',
    'action.risk.param._risk_score': pick<string | number>('0', 0),
    'action.risk.param.verbose': '0',
    'action.unheard.param.list': pick('true', 'a,b', '["x", 1]'),
  }
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
    const bodies = Array.from({ length: RULES }, (_, at) => bodyOf(at, found[at % found.length]!))
    const wrong: string[] = []
    for (const body of bodies) {
      const seen = await rules.put(
        { ref: rules.refOf(String(body['name'])), body, replaces: null },
        signal,
      )
      wrong.push(...drifted(body, seen.normalised))
      // The same again is no change.
      const again = await rules.put({ ref: seen.ref, body, replaces: seen }, signal)
      wrong.push(...drifted(body, again.normalised))
    }
    assert.deepEqual(wrong.slice(0, 5), [])
    const listed = await rules.list(signal)
    assert.deepEqual([listed.rules.length, listed.completeness.kind], [RULES, 'complete'])
    const byRef = new Map(listed.rules.map((rule) => [rule.ref, rule]))
    for (const body of bodies) {
      wrong.push(...drifted(body, byRef.get(rules.refOf(String(body['name'])))!.normalised))
    }
    assert.deepEqual(wrong.slice(0, 5), [])
    for (const saved of estate.savedSearches) saved.settings.set('alert.severity', '2')
    for (const { ref, name } of listed.rules.slice(0, 20)) {
      const body = bodies.find((each) => each['name'] === name)!
      const now = await rules.read(ref, signal)
      assert.equal(drifted(body, now!.normalised).length, 1, name)
    }
  } finally {
    connection.close()
    await standin.stop()
  }
})
