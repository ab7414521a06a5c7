import assert from 'node:assert/strict'
import { test } from 'node:test'
import { convertRule } from '#languages/sigma/convert.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { finalize, parsePipeline, type Pipeline } from '#languages/sigma/pipeline.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { compileTemplate } from '#languages/sigma/template.ts'
import { BUILTIN_NAMES } from '#languages/sigma/names.ts'

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

void test('every built-in pipeline reads, and leaves or refuses foreign log sources', () => {
  const foreign = rule('sel: {A: x}, condition: sel', 'product: nobody')
  for (const name of BUILTIN_NAMES) {
    const answer = spl(foreign, builtinPipeline(name)!)
    assert.match(answer, /^A="x"$|^refused: .*product nobody/, name)
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
  assert.match(
    problems('transformations: [{type: nest}]')[0]!,
    /step 1: "nest" needs a list "items"/,
  )
  assert.match(problems('postprocessing: [{type: embet}]')[0]!, /did you mean "embed"/)
  assert.match(
    problems("postprocessing: [{type: template, template: '{{ rule.__class__() }}'}]")[0]!,
    /uses the method "__class__"/,
  )
  assert.match(
    problems('finalizers: [{type: template, template: x, path: /etc}]')[0]!,
    /template from a file is refused/,
  )
  assert.match(
    problems(
      'transformations: [{type: set_state, key: a, val: 1, rule_conditions: {a: {type: tag, tag: x}}, rule_cond_expr: a and b}]',
    )[0]!,
    /no condition is named "b"/,
  )
  assert.match(problems('transformations: [x]')[0]!, /step 1 is no map/)
})

void test('the index a pipeline sets is the one ES|QL asks', () => {
  const state = pipeline('transformations: [{type: set_state, key: index, val: [logs-a, logs-b]}]')
  const { queries } = convertRule(rule('s: {A: 1}, condition: s'), 'esql', [state])
  assert.equal(queries[0], 'from logs-a,logs-b metadata _id, _index, _version | where A==1')
})

function finish(detection: string, text: string): string {
  const { queries, problems } = convertRule(rule(detection), 'spl', [pipeline(text)])
  return queries[0] ?? `refused: ${problems[0]!.message}`
}

void test('steps are nested, and conditions joined by an expression', () => {
  const text = `
transformations:
  - type: nest
    rule_conditions:
      win: {type: logsource, product: windows}
      mac: {type: logsource, product: macos}
      process: {type: logsource, category: process_creation}
    rule_cond_expr: (win or mac) and process
    items:
      - {type: field_name_suffix, suffix: .s}
      - {type: field_name_prefix, prefix: p.}
`
  assert.equal(spl(rule(WHOAMI), pipeline(text)), 'p.Image.s="*\\\\whoami.exe"')
  assert.equal(
    spl(rule(WHOAMI, 'category: process_creation, product: linux'), pipeline(text)),
    'Image="*\\\\whoami.exe"',
  )
})

void test('hashes become a field for each algorithm', () => {
  const text = `
transformations: [{type: hashes_fields, valid_hash_algos: [MD5, SHA1], field_prefix: File}]
`
  const md5 = '987B65CD9B9F4E9A1AFD8F8B48CF64A7'
  assert.equal(
    finish(`s: {Hashes: [SHA1=5F1C, MD5=${md5}, IMPHASH=1]}, condition: s`, text),
    `FileSHA1="5F1C" OR FileMD5="${md5}"`,
  )
  assert.match(finish('s: {Hashes: IMPHASH=1}, condition: s', text), /refused: No hash in Hashes/)
})

void test('a user is split from the domain, and any domain needs no test', () => {
  const text = `
transformations: [{type: split_value, separator: '\\', mapping: {User: Domain}}]
`
  assert.equal(
    finish("s: {User: 'NT AUTHORITY\\SYSTEM'}, condition: s", text),
    'User="SYSTEM" Domain="NT AUTHORITY"',
  )
  assert.equal(finish("s: {User|endswith: '\\SYSTEM'}, condition: s", text), 'User="SYSTEM"')
  assert.equal(finish('s: {User: SYSTEM}, condition: s', text), 'User="SYSTEM"')
})

void test('a value becomes an expression, or text of the language itself', () => {
  assert.equal(
    finish("s: {A: 'a.b*'}, condition: s", 'transformations: [{type: regex}]'),
    '*\n| regex A="^[aA]\\\\.[bB].*$"',
  )
  assert.equal(
    finish(
      's: {A|expand: "%admins%"}, condition: s',
      `transformations: [{type: query_expression_placeholders, expression: '[| inputlookup {id} | fields {field}]', mapping: {admins: admin_list}}]`,
    ),
    '[| inputlookup admin_list | fields A]',
  )
})

void test('a replaced text keeps its wildcards, and a backslash before one', () => {
  assert.equal(
    finish(
      "s: {A|contains: '\\x\\'}, condition: s",
      "transformations: [{type: replace_string, regex: '^\\*.x', replacement: 'HK'}]",
    ),
    'A="HK\\\\*"',
  )
})

void test('strict mapping refuses the fields nobody named', () => {
  const text = `
transformations:
  - {type: field_name_mapping, mapping: {A: a}}
  - type: strict_field_mapping_failure
`
  assert.equal(finish('s: {A: 1}, condition: s', text), 'a=1')
  assert.match(finish('s: {A: 1, B: 2}, condition: s', text), /No mapping names the fields B/)
})

void test('a rule of which dropped items leave nothing is refused, not made to match everything', () => {
  const text = `
transformations:
  - type: drop_detection_item
    field_name_conditions: [{type: include_fields, fields: [A]}]
`
  assert.match(finish('s: {A: 1}, condition: s', text), /refused: .*nothing to search for/)
  assert.equal(finish('s: {A: 1}, t: {B: 2}, condition: s and t', text), 'B=2')
  assert.equal(finish('s: {A: 1}, t: {B: 2}, condition: t and not s', text), 'B=2')
})

void test('a template has the tags of a rule whole and by their parts', () => {
  const text =
    'title: T\nlogsource: {category: t}\ntags: [attack.t1059.001, cve.2026-1]\ndetection: {s: {A: x}, condition: s}\n'
  const tagged = parseSigma(text).documents[0] as SigmaRule
  const made = pipeline(
    'postprocessing: [{type: template, template: "{% for tag in rule.tags %}{{ tag }}={{ tag.namespace }}/{{ tag.name }};{% endfor %}{{ rule.tags | join(\' \') }}"}]',
  )
  assert.equal(
    spl(tagged, made),
    'attack.t1059.001=attack/t1059.001;cve.2026-1=cve/2026-1;attack.t1059.001 cve.2026-1',
  )
})

void test('templates know what pipelines of the community use of Jinja', () => {
  const context = {
    query: 'a\nb',
    rule: { title: 'Odd thing', level: 'high', tags: ['attack.t1', 'cve.2'], references: [] },
    pipeline: { state: { index: 'win' }, vars: {} },
  }
  const cases: readonly (readonly [string, string])[] = [
    ['{{ rule.title|upper }} {{ rule.level.upper() }}', 'ODD THING HIGH'],
    [
      '{% for tag in rule.tags %}{{ tag }}{{ ", " if not loop.last }}{% endfor %}',
      'attack.t1, cve.2',
    ],
    ['{% for tag in rule.tags if %}x{% endfor %}', 'refused'],
    ['{{ rule.author | default("nobody") }}/{{ rule.references or "none" }}', 'nobody/none'],
    [
      '{% if rule.level in ["high", "critical"] and rule.tags %}page{% else %}mail{% endif %}',
      'page',
    ],
    ['{% if rule.status is defined %}s{% elif not rule.references %}no{% endif %}', 'no'],
    [
      '{% set name = rule.title.replace(" ", "_") %}{{ name ~ "-" ~ pipeline.state["index"] }}',
      'Odd_thing-win',
    ],
    ['{% if true %}{% set a = 1 %}{% endif %}{{ a }}', '1'],
    ['{{ query | indent(2) }}', 'a\n  b'],
    ['{{ query | replace("\\n", " ") }}\n', 'a b'],
    ['{{ rule.tags | length > 1 }} {{ (rule.tags | first).split(".")[1] }}', 'true t1'],
    ['{# nothing #}{%- if 1 -%} x {%- endif %}', 'x'],
    ['{{ rule.missing.deep }}|{{ rule["constructor"] }}|{{ query.constructor }}', '||'],
    ['{{ lipsum() }}', 'refused'],
    ['{{ rule | attr("x") }}', 'refused'],
    ['{% import "x" as y %}', 'refused'],
    ['{{ 7 * 7 }}', 'refused'],
    ["{{ ''.__class__ }}", ''],
    ['{{ ' + '('.repeat(99) + '1' + ')'.repeat(99) + ' }}', 'refused'],
  ]
  for (const [text, expected] of cases) {
    const compiled = compileTemplate(text)
    assert.equal('refusal' in compiled ? 'refused' : compiled.render(context), expected, text)
  }
})

void test('queries are embedded, replaced and put into templates', () => {
  const text = `
vars: {team: blue}
transformations:
  - {type: set_state, key: index, val: main}
  - {type: set_custom_attribute, attribute: owner, value: ada}
  - {type: add_field, field: [B, C]}
  - {type: remove_field, field: C}
postprocessing:
  - {type: embed, prefix: '(', suffix: ')'}
  - {type: replace, pattern: 'A=(\\d)', replacement: 'A in (\\1)'}
  - {type: simple_template, template: '{{{pipeline.state[index]}}} {query} {rule.title}'}
  - type: template
    template: |-
      {% for field in rule.fields %}{{ field | lower }};{% endfor %}
      {%- if rule.custom_attributes.owner == 'ada' %} {{ pipeline.vars.team | upper }}{% else %}no{% endif %}: {{ query }}
  - type: embed
    suffix: never
    rule_conditions: [{type: logsource, product: linux}]
`
  assert.equal(finish('s: {A: 1}, condition: s', text), 'b; BLUE: {main} (A in (1)) T')
  assert.equal(
    finish(
      's: {A: 1}, condition: s',
      `postprocessing: [{type: json, json_template: '{"q": ["%QUERY%", 1]}'}]`,
    ),
    '{"q":["A=1",1]}',
  )
})

void test('all queries of a run are joined as a finalizer says', () => {
  const finalized = (text: string) => finalize(['a', 'b'], [pipeline(text)])
  assert.equal(finalize(['a', 'b'], []), 'a\nb')
  assert.equal(finalized("finalizers: [{type: concat, separator: ' OR ', prefix: '('}]"), '(a OR b')
  assert.equal(finalized('finalizers: [{type: json}]'), '["a","b"]')
  assert.equal(finalized('finalizers: [{type: yaml}]'), '- a\n- b\n')
  assert.equal(
    finalized(`finalizers: [{type: template, template: "{{ queries | join('+') }}"}]`),
    'a+b',
  )
  assert.equal(
    finalized('finalizers: [{type: nested, finalizers: [{type: concat}, {type: json}]}]'),
    '["a\\nb"]',
  )
})

void test('data models of Splunk are counted, with what a search cannot say behind', () => {
  const { queries } = convertRule(
    rule("s: {Image|endswith: '\\a.exe', CommandLine|re: x+}, condition: s"),
    'spl',
    [builtinPipeline('splunk_cim')!],
  )
  assert.match(
    queries[0]!,
    /^\| tstats .* from datamodel=Endpoint\.Processes where Processes\.process_path="\*\\\\a\.exe" by Processes\.process .*\n\| regex Processes\.process="x\+"\n\| `drop_dm_object_name\(Processes\)`\n/,
  )
})

void test('a table of Defender or Sentinel is chosen by category, then by event number', () => {
  const kusto = (detection: string, logsource: string, name: string) => {
    const { queries, problems } = convertRule(rule(detection, logsource), 'kusto', [
      builtinPipeline(name)!,
    ])
    return queries[0] ?? `refused: ${problems[0]!.message}`
  }
  const process = 'category: process_creation, product: windows'
  const security = 'service: security, product: windows'
  assert.equal(
    kusto(WHOAMI, process, 'microsoft_xdr'),
    'DeviceProcessEvents\n| where FolderPath endswith "\\\\whoami.exe"',
  )
  assert.equal(
    kusto("s: {EventID: 4624, IpAddress: '::1'}, condition: s", security, 'azure_monitor'),
    'SecurityEvent\n| where EventID == 4624 and IpAddress =~ "::1"',
  )
  assert.equal(
    kusto(
      "s: {EventType: DeleteKey, TargetObject|startswith: 'HKLM\\x\\'}, condition: s",
      'category: registry_delete, product: windows',
      'sentinel_asim',
    ),
    'imRegistry\n| where (EventType in~ ("RegistryKeyDeleted", "RegistryValueDeleted")) and RegistryKey startswith "HKEY_LOCAL_MACHINE\\\\x\\\\"',
  )
  assert.match(
    kusto('s: {Odd: 1}, condition: s', process, 'microsoft_xdr'),
    /refused: The table DeviceProcessEvents has no column for this \(field Odd\)/,
  )
  assert.match(
    kusto('s: {A: 1}, condition: s', 'product: okta', 'microsoft_xdr'),
    /refused: This pipeline has no table for the log source \(product okta\)/,
  )
})

void test('logs of Zeek, macOS and Kubernetes have their fields', () => {
  const lucene = (detection: string, logsource: string, name: string) =>
    convertRule(rule(detection, logsource), 'lucene', [builtinPipeline(name)!]).queries[0]
  assert.equal(
    lucene('s: {query: x.y}, condition: s', 'category: dns', 'ecs_zeek_corelight'),
    'event.dataset:zeek.dns AND dns.question.name:x.y',
  )
  assert.equal(
    lucene('s: {username: ada}, condition: s', 'category: proxy', 'ecs_zeek_beats'),
    'event.dataset:zeek.http AND zeek.\\*.username:ada',
  )
  assert.equal(
    lucene(
      's: {Image: a}, condition: s',
      'product: macos, service: endpointsecurity, category: file_delete',
      'ecs_macos_esf',
    ),
    '(event.action:unlink AND esf.event_type:19) AND process.executable:a',
  )
  assert.equal(
    lucene(
      "s: {verb: create, apiGroup: ''}, condition: s",
      'product: kubernetes, service: audit',
      'ecs_kubernetes',
    ),
    'kubernetes.audit.kind:Event AND kubernetes.audit.verb:create',
  )
})
