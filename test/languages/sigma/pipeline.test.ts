import assert from 'node:assert/strict'
import { test } from 'node:test'
import { convertRule } from '#languages/sigma/convert.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { parsePipeline, type Pipeline } from '#languages/sigma/pipeline.ts'
import { BUILTIN_NAMES, builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'

function rule(detection: string, logsource = 'category: process_creation, product: windows') {
  const parsed = parseSigma(`title: T\nlogsource: {${logsource}}\ndetection: {${detection}}\n`)
  assert.deepEqual(parsed.problems, [])
  return parsed.documents[0] as SigmaRule
}

function pipeline(text: string): Pipeline {
  const { pipeline: read, problems } = parsePipeline(text, 'test')
  assert.deepEqual(problems, [])
  return read!
}

function spl(one: SigmaRule, ...pipelines: readonly Pipeline[]): string {
  const { queries, problems } = convertRule(one, 'spl', pipelines)
  return queries[0] ?? `refused: ${problems[0]!.message}`
}

const WHOAMI = "sel: {Image|endswith: '\\whoami.exe'}, condition: sel"

void test('the order of names does not count, the priority does', () => {
  const names = ['sysmon', 'splunk_windows'] as const
  const forth = spl(rule(WHOAMI), ...names.map((name) => builtinPipeline(name)!))
  const back = spl(rule(WHOAMI), ...names.toReversed().map((name) => builtinPipeline(name)!))
  assert.equal(
    forth,
    'source="WinEventLog:Microsoft-Windows-Sysmon/Operational" EventCode=1 Image="*\\\\whoami.exe"',
  )
  assert.equal(back, forth)
})

void test('every built-in pipeline reads, and leaves foreign log sources alone', () => {
  const foreign = rule('sel: {A: x}, condition: sel', 'product: linux')
  for (const name of BUILTIN_NAMES) {
    assert.equal(spl(foreign, builtinPipeline(name)!), 'A="x"', name)
  }
  assert.equal(builtinPipeline('nothing'), undefined)
  assert.equal(builtinPipeline('__proto__'), undefined)
})

void test('a field may become several, also in a reference', () => {
  const mapping = pipeline(`
transformations:
  - {type: field_name_mapping, mapping: {A: [B, C], D: E}}
`)
  assert.equal(
    spl(rule('s: {A: x, F|fieldref: D}, condition: s'), mapping),
    ['B="x" OR C="x"', "| where lower('F')=lower('E')"].join('\n'),
  )
})

void test('a condition is added in front, and not drawn in by "them"', () => {
  const added = pipeline(`
transformations:
  - {type: add_condition, conditions: {index: win, kind: [1, 2]}}
  - {type: add_condition, conditions: {host: x}, negated: true}
`)
  assert.equal(
    spl(rule('a: {A: 1}, b: {B: 1}, condition: 1 of them'), added),
    'NOT host="x" index="win" kind IN (1, 2) A=1 OR B=1',
  )
})

void test('steps apply where their conditions hold', () => {
  const conditional = pipeline(`
transformations:
  - id: mapped
    type: field_name_mapping
    mapping: {A: a.b}
    rule_conditions: [{type: logsource, product: windows}]
  - type: field_name_prefix
    prefix: raw.
    field_name_conditions: [{type: processing_item_applied, processing_item_id: mapped}]
    field_name_cond_not: true
  - type: drop_detection_item
    field_name_conditions: [{type: include_fields, fields: ['raw\\.X'], mode: re}]
  - type: rule_failure
    message: no Linux here
    rule_conditions: [{type: logsource, product: linux}]
`)
  assert.equal(spl(rule('s: {A: 1, B: 2, X: 3}, condition: s'), conditional), 'a.b=1 raw.B=2')
  assert.match(spl(rule('s: {A: 1}, condition: s', 'product: linux'), conditional), /no Linux here/)
})

void test('placeholders are filled from vars, by wildcards, or refused', () => {
  const values = pipeline(`
vars: {admins: [ada, 'ro*t']}
transformations: [{type: value_placeholders}]
`)
  const wildcards = pipeline('transformations: [{type: wildcard_placeholders}]')
  const one = rule("s: {User|expand: 'x-%admins%'}, condition: s")
  assert.equal(spl(one, values), 'User IN ("x-ada", "x-ro*t")')
  assert.equal(spl(one, wildcards), 'User="x-*"')
  assert.match(spl(one), /placeholder %admins% has no value/)
})

void test('values are replaced, mapped, converted and set', () => {
  const changes = pipeline(`
transformations:
  - {type: replace_string, regex: '^C:', replacement: 'D:', field_name_conditions: [{type: include_fields, fields: [A]}]}
  - {type: map_string, mapping: {one: [uno, eins]}}
  - {type: convert_type, target_type: str, field_name_conditions: [{type: include_fields, fields: [N]}]}
  - {type: set_value, value: 9, field_name_conditions: [{type: include_fields, fields: [Z]}]}
`)
  assert.equal(
    spl(rule("s: {A: 'C:x', B: one, N: 5, Z: 1}, condition: s"), changes),
    'A="D:x" B IN ("uno", "eins") N="5" Z=9',
  )
})

void test('what would reach outside is refused, and mistakes are named', () => {
  const problems = (text: string) => parsePipeline(text, 'p').problems.map(({ message }) => message)
  for (const type of ['command_placeholders', 'http_placeholders', 'file_placeholders']) {
    assert.match(problems(`transformations: [{type: ${type}}]`)[0]!, /reach outside/)
  }
  assert.match(problems('transformations: [{type: field_name_maping}]')[0]!, /field_name_mapping/)
  assert.match(
    problems('transformations: [{type: set_state, rule_conditions: [{type: moon}]}]')[0]!,
    /no condition "moon"/,
  )
  assert.match(problems('just text')[0]!, /no pipeline/)
  assert.match(
    problems('transformations: [{type: field_name_mapping}]')[0]!,
    /needs a map "mapping"/,
  )
  assert.match(problems('transformations: {}')[0]!, /is no list/)
  assert.match(problems('transformations: [x]')[0]!, /step 1 is no map/)
})

void test('the index a pipeline sets is the one ES|QL asks', () => {
  const state = pipeline('transformations: [{type: set_state, key: index, val: [logs-a, logs-b]}]')
  const { queries } = convertRule(rule('s: {A: 1}, condition: s'), 'esql', [state])
  assert.equal(queries[0], 'from logs-a,logs-b metadata _id, _index, _version | where A==1')
})
