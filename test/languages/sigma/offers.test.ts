// Queries of each language that are offered as Sigma, and such as must not be: what comes out is stated,
// the proof behind it runs.

import assert from 'node:assert/strict'
import test from 'node:test'
import { offerSigmaHere } from '#domain/rules/offers/here.ts'

const PLACES = {
  spl: { pipeline: 'rw_splunk', backend: 'spl' },
  esql: { pipeline: 'rw_elastic', backend: 'esql' },
  eql: { pipeline: 'rw_elastic', backend: 'esql' },
} as const

function offer(language: keyof typeof PLACES, text: string) {
  return offerSigmaHere({ language, text, ...PLACES[language], cases: [] })
}

test('a search of Splunk becomes a detection, its index and its source type the log source', () => {
  const text = String.raw`search index=win* sourcetype=aws:cloudtrail (eventName=Create* OR eventName="Put*") errorCode!=AccessDenied sourceIPAddress=10.0.0.0/8 userAgent="*\\cli\*" | table user | sort user`
  const made = offer('spl', text)
  assert.ok(!('code' in made), JSON.stringify(made))
  assert.deepEqual(made.logsource, { product: 'aws', service: 'cloudtrail' })
  assert.deepEqual(made.scope, ['index=win*'])
  assert.deepEqual(made.detection, {
    selection: {
      'eventName|startswith': ['Create', 'Put'],
      'src_ip|cidr': '10.0.0.0/8',
      'userAgent|contains': '\\cli\\',
      'errorCode|exists': true,
    },
    selection_2: { errorCode: 'AccessDenied' },
    condition: 'selection and not selection_2',
  })
})

test('ES|QL and EQL count case; a missing field is neither true nor false in the one, false in the other', () => {
  const piped = offer(
    'esql',
    'FROM logs-aws.cloudtrail-* | WHERE event.dataset == "aws.cloudtrail" AND NOT (aws.cloudtrail.error_code == "Denied") | KEEP user.name',
  )
  assert.ok(!('code' in piped), JSON.stringify(piped))
  assert.deepEqual(piped.detection, {
    selection: { 'errorCode|exists': true },
    selection_2: { 'errorCode|cased': 'Denied' },
    condition: 'selection and not selection_2',
  })
  const event = offer(
    'eql',
    'process where host.os.type == "linux" and event.type == "start" and process.executable : ("/tmp/*", "/dev/shm/*") and user.name != "root"',
  )
  assert.ok(!('code' in event), JSON.stringify(event))
  assert.deepEqual(event.logsource, { product: 'linux', category: 'process_creation' })
  assert.deepEqual(event.detection, {
    selection: { 'Image|startswith': ['/tmp/', '/dev/shm/'] },
    selection_2: { 'User|cased': 'root' },
    condition: 'selection and not selection_2',
  })
})

test('what does more than filter, or is about no log source of rules, is declined by name', () => {
  const cases: readonly (readonly [keyof typeof PLACES, string, string])[] = [
    ['spl', 'sourcetype=aws:cloudtrail eventName=x | where a>1', 'computes'],
    ['spl', 'sourcetype=aws:cloudtrail [search x=1]', 'several_sources'],
    ['spl', 'sourcetype=aws:cloudtrail `macro`', 'macro'],
    ['spl', 'sourcetype=aws:cloudtrail', 'computes'],
    ['spl', 'sourcetype=aws:cloudtrail eventName="', 'unreadable'],
    ['esql', 'FROM logs-* | WHERE a == "b"', 'log_source'],
    ['esql', 'FROM logs-* | STATS count = COUNT(*)', 'aggregates'],
    ['esql', 'FROM logs-* | WHERE event.dataset == "aws.cloudtrail" AND x.y == 1', 'field'],
    ['eql', 'sequence [process where true] [file where true]', 'several_sources'],
    [
      'eql',
      'process where host.os.type == "linux" and event.type == "start" and length(user.name) > 3',
      'computes',
    ],
  ]
  for (const [language, text, code] of cases) {
    const made = offer(language, text)
    assert.equal('code' in made ? made.code : 'offered', code, `${text}\n${JSON.stringify(made)}`)
  }
})
