// What the reader itself refuses or warns of, told as the checks are. The rows are documentation: what
// finds the problems are the parser's files.

import type { Severity } from '#kernel/problem.ts'
import type { CheckRow } from './check.ts'

const FINE = "detection: {selection: {Image|endswith: '\\whoami.exe'}, condition: selection}"
const COUNT =
  'correlation: {type: event_count, rules: [one], group-by: [User], timespan: 5m, condition: {gte: 9}}'
const FILTER = 'filter: {rules: [one], selection: {User: backup}, condition: not selection}'

export const READING_ROWS: readonly CheckRow[] = [
  row(
    'yaml/control-character',
    'Tools further on stumble over it.',
    'author: a\u0001da',
    'author: ada',
  ),
  row(
    'yaml/duplicate-key',
    'Only one of the two can count, and tools differ in which.',
    'author: ada\nauthor: ravi',
    'author: ada, ravi',
  ),
  row('yaml/key-not-scalar', 'A key is a word.', 'rulewright: {[a]: 1}', 'rulewright: {a: 1}'),
  row(
    'yaml/merge-not-map',
    'Only maps can be merged.',
    'rulewright: {<<: a}',
    'rulewright: {<<: {a: 1}}',
  ),
  row(
    'yaml/unknown-alias',
    'The name stands for nothing.',
    'rulewright: *group',
    'rulewright: {a: &group x, b: *group}',
  ),
  row(
    'yaml/unknown-tag',
    'Tags make tools run code or guess; rules are plain data.',
    'author: !!python/name ada',
    'author: ada',
  ),
  row(
    'yaml/too-deep',
    'Nested so deep it is a mistake or an attack.',
    `rulewright: ${'['.repeat(70)}${']'.repeat(70)}`,
    'rulewright: [[1]]',
  ),
  row(
    'yaml/too-large',
    'No rule is so long; reading it would stall others.',
    `description: ${'x'.repeat(530_000)}`,
    'description: Finds whoami',
  ),
  row(
    'yaml/too-many-aliases',
    'A few lines that unfold to gigabytes are an attack.',
    `rulewright: [&a 1${', *a'.repeat(101)}]`,
    'rulewright: [&a 1, *a]',
  ),
  row('yaml/too-many-documents', 'Split the file.', '--- 1\n'.repeat(1_001), 'title: Whoami'),
  row(
    'yaml/too-many-keys',
    'Split the file.',
    `rulewright: {${Array.from({ length: 4_100 }, (_, at) => `k${at}: 1`).join(', ')}}`,
    'rulewright: {k: 1}',
  ),
  row(
    'yaml/too-many-nodes',
    'Split the file.',
    `rulewright: [${'1, '.repeat(16_500)}]`,
    'rulewright: [1, 2]',
  ),
  row(
    'yaml/bad-indent',
    'The lines do not say what belongs to what.',
    'rulewright: {\na: 1}\n  b: 2',
    'rulewright: {a: 1, b: 2}',
  ),
  row('yaml/missing-char', 'A quote or bracket is never closed.', "author: 'ada", "author: 'ada'"),
  row(
    'yaml/unexpected-token',
    'Something stands where nothing can.',
    'rulewright: {a: 1}}',
    'rulewright: {a: 1}',
  ),
  row(
    'yaml/bad-dq-escape',
    'Double quotes read backslashes: paths need single ones.',
    'rulewright: "C:\\Windows"',
    "rulewright: 'C:\\Windows'",
  ),
  row('yaml/bad-scalar-start', 'The character begins nothing.', 'author: @ada', "author: '@ada'"),
  row(
    'yaml/multiline-implicit-key',
    'A line is not finished before the next begins.',
    'author: ada\nrulewright\nscope: [server]',
    'rulewright: {a: 1}',
  ),
  row('sigma/not-a-map', 'A document is a map.', 'title: One\n---\n- one', 'title: One'),
  row(
    'sigma/unknown-action',
    'There are global, repeat and reset.',
    'action: again',
    'action: global\n---\ntitle: One',
  ),
  row(
    'sigma/nothing-to-repeat',
    'Nothing stands before it.',
    'action: repeat',
    'title: One\n---\naction: repeat',
  ),
  row('sigma/missing-title', 'A rule is known by its title.', '# no title', 'title: Whoami'),
  row(
    'sigma/missing-logsource',
    'A rule must say which events it is about.',
    '# no logsource',
    'logsource: {category: process_creation, product: windows}',
  ),
  row(
    'sigma/empty-logsource',
    'A rule must say which events it is about.',
    'logsource: {definition: any}',
    'logsource: {category: process_creation, product: windows}',
  ),
  row('sigma/missing-detection', 'A rule without it finds nothing.', '# no detection', FINE),
  row(
    'sigma/detection-not-map',
    'A detection is a map of searches and a condition.',
    'detection: [whoami]',
    FINE,
  ),
  row(
    'sigma/empty-search',
    'A search that asks for nothing would match every event.',
    'detection: {a: {}, condition: a}',
    FINE,
  ),
  row(
    'sigma/missing-condition',
    'Searches alone do not say how they are joined.',
    'detection: {a: {Image: x}}',
    FINE,
  ),
  row(
    'sigma/condition-not-text',
    'A condition is a text.',
    'detection: {a: {Image: x}, condition: {a: 1}}',
    FINE,
  ),
  row(
    'sigma/condition-syntax',
    'The condition cannot be read.',
    'detection: {a: {Image: x}, condition: (a}',
    FINE,
  ),
  row(
    'sigma/condition-quantity',
    'There are "1 of", "any of" and "all of".',
    'detection: {a: {Image: x}, b: {User: y}, condition: 2 of them}',
    'detection: {a: {Image: x}, b: {User: y}, condition: all of them}',
  ),
  row(
    'sigma/condition-aggregation',
    'Aggregations left the language; correlations took their place.',
    'detection: {a: {Image: x}, condition: a | count() > 5}',
    COUNT,
  ),
  row(
    'sigma/condition-too-long',
    "Longer conditions exist in nobody's rules.",
    `detection: {a: {Image: x}, condition: ${'a or '.repeat(4_000)}a}`,
    FINE,
  ),
  row(
    'sigma/condition-too-deep',
    'Nested so deep it is a mistake or an attack.',
    `detection: {a: {Image: x}, condition: ${'('.repeat(201)}a${')'.repeat(201)}}`,
    FINE,
  ),
  row(
    'sigma/unknown-identifier',
    'The condition names a search that is not there.',
    'detection: {selection: {Image: x}, condition: selecton}',
    FINE,
  ),
  row(
    'sigma/selector-matches-nothing',
    'A pattern that selects no search says nothing.',
    'detection: {a: {Image: x}, condition: 1 of filter_*}',
    FINE,
  ),
  row(
    'sigma/timeframe',
    'It left the language and has no effect.',
    'detection: {a: {Image: x}, timeframe: 5m, condition: a}',
    COUNT,
    'warning',
  ),
  row(
    'sigma/unknown-modifier',
    'A misspelt modifier would silently change the meaning.',
    'detection: {a: {Image|endwith: x}, condition: a}',
    FINE,
  ),
  row(
    'sigma/modifier-misapplied',
    'The modifier cannot be applied to such a value.',
    'detection: {a: {ProcessId|contains: 7}, condition: a}',
    "detection: {a: {ProcessId|contains: '7'}, condition: a}",
  ),
  row(
    'sigma/value-not-plain',
    'Values are texts, numbers, true, false or null.',
    'detection: {a: {Image: {b: c}}, condition: a}',
    FINE,
  ),
  row(
    'sigma/empty-list',
    'Nothing equals one of no values.',
    'detection: {a: {Image: []}, condition: a}',
    FINE,
  ),
  row(
    'sigma/null-keyword',
    'A null belongs to a field.',
    'detection: {a: [~], condition: a}',
    'detection: {a: {User: ~}, condition: a}',
  ),
  row(
    'sigma/too-many-values',
    'Longer lists belong into a lookup of the target.',
    `detection: {a: {Image: [${'x, '.repeat(10_001)}]}, condition: a}`,
    FINE,
  ),
  row('sigma/correlation-not-map', 'A correlation is a map.', 'correlation: [one]', COUNT),
  row(
    'sigma/correlation-type',
    'There is no such correlation.',
    COUNT.replace('event_count', 'event_sum'),
    COUNT,
  ),
  row(
    'sigma/correlation-without-rules',
    'A correlation is about rules.',
    COUNT.replace('rules: [one], ', ''),
    COUNT,
  ),
  row(
    'sigma/correlation-timespan',
    'Write a number and s, m, h or d.',
    COUNT.replace('5m', '5 minutes'),
    COUNT,
  ),
  row(
    'sigma/correlation-condition',
    'The condition cannot be read.',
    COUNT.replace('gte', 'ge'),
    COUNT,
  ),
  row(
    'sigma/correlation-field',
    'Whose values are counted must be said.',
    COUNT.replace('event_count', 'value_count'),
    COUNT,
  ),
  row(
    'sigma/correlation-percentile',
    'Which percentile is meant must be said.',
    COUNT.replace('event_count', 'value_percentile').replace('gte: 9', 'gte: 9, field: Size'),
    COUNT,
  ),
  row(
    'sigma/correlation-aliases',
    'An alias names a field for each rule.',
    COUNT.replace('timespan', 'aliases: [who], timespan'),
    COUNT,
  ),
  row('sigma/filter-not-map', 'A filter is a map.', 'filter: [one]', FILTER),
  row(
    'sigma/filter-without-rules',
    'A filter says which rules it is for.',
    FILTER.replace('rules: [one], ', ''),
    FILTER,
  ),
]

function row(
  code: string,
  why: string,
  bad: string,
  good: string,
  severity: Severity = 'error',
): CheckRow {
  return { code, severity, why, bad, good }
}
