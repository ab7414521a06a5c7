// Reviewers read what a change means, and nothing that means something is passed over.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { describeChanges } from '#domain/rules/merge/changes-in-words.ts'
import { explainChanges } from '#domain/rules/merge/explain-changes.ts'
import { foldSame, placeSideBySide } from '#domain/rules/merge/side-by-side.ts'
import { Workers } from '#platform/worker.ts'
import { pick, seeded, yamlInSomeHand } from '#test/support/yaml-text.ts'

const BEFORE = `title: Whoami
level: high
tags: [attack.discovery, attack.t1033]
logsource: {category: process_creation, product: windows}
detection:
    selection:
        Image|endswith: ['\\whoami.exe', '\\who.exe']
        CommandLine|contains: [a, b]
    condition: selection
rulewright:
    schedule: {every: 5m, window: 7m}
    entities: [{type: host, field: ComputerName}]
    implementations:
        splunk: {type: query, query: 'index=a x=1', settings: {cron: '* * * * *'}}
    overlays:
        splunk-london: {threshold: 3}
    tests:
        - {name: fires, expect: match, events: [{a: 1}]}
`

const AFTER = `# Reviewed.
title: Whoami
level: critical
tags: [attack.discovery, attack.t1033.001]
logsource: {category: process_access, product: windows}
detection:
    selection:
        Image|endswith: ['\\whoami.exe', '\\users.exe']
        CommandLine|contains|all: [a, b]
    filter_main:
        Image|endswith: '\\good.exe'
        User|exists: false
    condition: selection and not filter_main
rulewright:
    schedule: {every: 15m, window: 7m}
    entities: [{type: host, field: Computer}, {type: user, field: User, role: actor}]
    implementations:
        splunk: {type: query, query: 'index=b x=1', settings: {cron: '* * * * *', app: search}}
    overlays:
        splunk-london: {threshold: 5}
    tests:
        - {name: fires, expect: match, events: [{a: 2}]}
        - {name: stays silent, expect: no_match, events: [{b: 1}]}
`

test('each part of a rule has its sentence', () => {
  assert.deepEqual(
    describeChanges(BEFORE, AFTER, ({ kind }) => `${kind} reads another index`),
    [
      'level high → critical',
      'adds tag attack.t1033.001',
      'drops tag attack.t1033',
      'log source category process_creation → process_access',
      'selection: Image ends with: adds "\\users.exe"',
      'selection: Image ends with: drops "\\who.exe"',
      'selection: CommandLine contains → CommandLine contains all of',
      'adds filter_main: Image ends with "\\good.exe" and User is absent',
      'condition "selection" → "selection and not filter_main"',
      'schedule 5m → 15m',
      'adds entity host (Computer)',
      'adds entity user (User) as actor',
      'drops entity host (ComputerName)',
      'Splunk query: splunk reads another index',
      'adds Splunk settings app search',
      'splunk-london threshold 3 → 5',
      'changes test "fires": events',
      'adds test "stays silent"',
    ],
  )
})

test('other text with the same meaning says so, and the same text says nothing', () => {
  const reordered = BEFORE.replace('level: high\n', '').concat('level: "high" # late\n')
  assert.deepEqual(describeChanges(BEFORE, reordered), ['same meaning, other text'])
  assert.deepEqual(describeChanges(BEFORE, BEFORE), [])
})

test('correlations, unknown keys and unreadable texts have their words', () => {
  const rule = (timespan: string, rules: string, custom: string) =>
    `title: a\ncorrelation:\n  type: event_count\n  rules: [${rules}]\n  timespan: ${timespan}\n  condition: {gte: 10}\ncustom: {deep: [${custom}]}\n`
  assert.deepEqual(describeChanges(rule('5m', 'one', '1'), rule('15m', 'one, two', '2')), [
    'adds correlated rule two',
    'correlation timespan 5m → 15m',
    'adds custom deep 2',
    'drops custom deep 1',
  ])
  assert.deepEqual(describeChanges(BEFORE, 'a: ['), [
    'other text, one of which is no readable rule',
  ])
})

test('whatever differs in meaning is told, in any part of a rule', () => {
  const values: unknown[] = [
    'a',
    'b',
    1,
    null,
    [],
    ['a'],
    ['b', 'a'],
    {},
    { x: 1 },
    [{ name: 'n', e: 1 }],
    [{ name: 'n', e: 2 }],
  ]
  const keys = [
    'title',
    'tags',
    'description',
    'logsource',
    'detection',
    'correlation',
    'filter',
    'custom',
  ]
  const ours = [
    'owner',
    'schedule',
    'entities',
    'tests',
    'implementations',
    'overlays',
    'throttle',
    'runbook',
    'mine',
  ]
  let told = 0
  for (let seed = 1; seed <= 3_000; seed++) {
    const random = seeded(seed)
    const inOurs = random() < 0.5
    const path = inOurs ? ['rulewright', pick(random, ours)] : [pick(random, keys)]
    if (random() < 0.6) path.push(pick(random, ['splunk', 'rules', 's', 'every']))
    const make = (value: unknown) => {
      const held = path
        .toReversed()
        .reduce<unknown>((inner, name) => (inner === undefined ? {} : { [name]: inner }), value)
      return { id: 'x', ...(held as object) }
    }
    const pair = [pick(random, [...values, undefined]), pick(random, [...values, undefined])].map(
      make,
    )
    const [before, after] = pair.map((data) => yamlInSomeHand(data, seeded(1))) as [string, string]
    const said = describeChanges(before, after)
    const isOther = before !== after
    assert.equal(said.length > 0, isOther, `${before}\n${after}`)
    if (!isOther) continue
    told++
    assert.notDeepEqual(said, ['same meaning, other text'], `seed ${seed}\n${before}\n${after}`)
  }
  assert.ok(told > 1_000)
})

test('lines stand beside what they became', () => {
  assert.deepEqual(placeSideBySide('a\nb\nc\nd', 'a\nB\nx\nd'), [
    { kind: 'same', before: { number: 1, text: 'a' }, after: { number: 1, text: 'a' } },
    { kind: 'changed', before: { number: 2, text: 'b' }, after: { number: 2, text: 'B' } },
    { kind: 'changed', before: { number: 3, text: 'c' }, after: { number: 3, text: 'x' } },
    { kind: 'same', before: { number: 4, text: 'd' }, after: { number: 4, text: 'd' } },
  ])
  const kinds = placeSideBySide('a\nb\nd', 'a\nd\ne').map(({ kind }) => kind)
  assert.deepEqual(kinds, ['same', 'removed', 'same', 'added'])
  const folded = foldSame(placeSideBySide('1\n2\n3\n4\n5\n6', '1\n2\n3\n4\n5\n7'), 1)
  assert.deepEqual(folded[0], { kind: 'gap', count: 4 })
  assert.deepEqual(
    folded.slice(1).map(({ kind }) => kind),
    ['same', 'changed'],
  )
  assert.equal(foldSame(placeSideBySide('a\nb\nc', 'a\nb\nd'), 1).length, 3, 'no gap of one line')
})

const workers = new Workers(1)
after(() => workers.close())

test('native queries are compared in their own languages', async () => {
  const rule = (splunk: string, elastic: string) =>
    `title: a\nrulewright:\n  implementations:\n    splunk: {query: '${splunk}'}\n    elastic: {type: esql, query: '${elastic}'}\n`
  const before = rule('index=a x=1 y=2', 'FROM a | WHERE x == 1')
  const now = rule('index=a y=2 x=1', 'FROM b | WHERE x == 1')
  const [same, other, ...rest] = await explainChanges(workers, before, now)
  assert.equal(same, 'Splunk query: same meaning, other text')
  assert.match(other!, /^Elastic query: .*\bb\b/)
  assert.deepEqual(rest, [])
  const broken = await explainChanges(workers, before, rule('index=a (', 'FROM a | WHERE x == 1'))
  assert.deepEqual(broken, ['Splunk query: another text'])
})
