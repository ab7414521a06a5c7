// Every shared rule to every backend, beside what the community's converter printed. A text is the
// same after white space is folded, or it differs for a reason named in REASONS, or the test fails.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANY, leaves, ONE, type Leaf, type Predicate } from '#languages/predicate.ts'
import { convertRule, type Backend, type Conversion } from '#languages/sigma/convert.ts'
import { lower } from '#languages/sigma/lower.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { corpusPath, readCorpus } from '#test/support/corpora.ts'

interface Reference {
  readonly id: string
  readonly path: string
  readonly ok: boolean
  readonly output?: readonly string[]
}

interface Subject {
  readonly rule: SigmaRule
  readonly leaves: readonly Leaf[]
  readonly predicates: readonly Predicate[]
}

const has = (kind: Leaf['test']['kind']) => (subject: Subject) =>
  subject.leaves.some((leaf) => leaf.test.kind === kind)
const hasText = (holds: (parts: readonly (string | object)[]) => boolean) => (subject: Subject) =>
  subject.leaves.some((leaf) => leaf.test.kind === 'text' && holds(leaf.test.pattern))
const literalStar = hasText((parts) =>
  parts.some((part) => typeof part === 'string' && /[*?]/.test(part)),
)
const innerWildcard = hasText(
  (parts) =>
    parts.some((part, at) => typeof part === 'object' && at > 0 && at < parts.length - 1) ||
    parts.some((part) => typeof part === 'object' && 'wildcard' in part && part.wildcard === '?'),
)
const oneCharacter = hasText((parts) => parts.includes(ONE))
const lonelyStar = hasText((parts) => parts.length === 1 && typeof parts[0] === 'object')
const windash = (subject: Subject) => /\|windash/.test(JSON.stringify(subject.rule.root))
const oddField = (subject: Subject) =>
  subject.leaves.some((leaf) => leaf.kind === 'test' && !/^\w+$/.test(leaf.field))

/** Why our text is another, and what the reference's would answer wrongly. First that applies. */
const REASONS: Readonly<
  Record<Backend, readonly (readonly [string, (one: Subject) => boolean])[]>
> = {
  spl: [
    ['a star cannot be escaped: the backslash would be looked for', literalStar],
    ['a question mark is one character, which only an expression can say', oneCharacter],
    [
      'a search must come before what is computed, and other branches keep their events',
      has('regex'),
    ],
    ['fields compare without case, and under OR too', has('fieldref')],
    ['NOT reaches over all variants; every dash is exchanged', windash],
  ],
  kusto: [
    [
      'a backslash before a wildcard stays one when the roots of the registry are spelled out',
      (one) =>
        one.leaves.some(
          (leaf) =>
            leaf.kind === 'test' &&
            /^(?:TargetObject|TargetFilename|ObjectName)$/.test(leaf.field) &&
            leaf.test.kind === 'text' &&
            leaf.test.pattern.some(
              (part, at, parts) =>
                typeof part === 'string' && part.endsWith('\\') && at + 1 < parts.length,
            ),
        ),
    ],
    [
      'a user in any domain needs no test of the domain',
      (one) =>
        one.leaves.some(
          (leaf) =>
            leaf.kind === 'test' &&
            leaf.field.endsWith('User') &&
            leaf.test.kind === 'text' &&
            leaf.test.pattern.length > 1 &&
            leaf.test.pattern[0] === ANY,
        ),
    ],
    ['a column with dots stands in brackets: in quotes it would be a text', oddField],
    ['wildcards inside a text keep their order and place', innerWildcard],
    ['a text column is never null, so null is the empty text', has('null')],
    ['IPv6 networks need their own function', has('cidr')],
    ['a star alone asks for a value: each text begins with nothing', lonelyStar],
    ['a column may be text or boolean, =~ takes text only', has('boolean')],
    ['numbers are compared as numbers: in~ takes texts only', has('number')],
    ['fields can be compared', has('fieldref')],
    ['every dash is exchanged', windash],
    [
      'a text alone is no condition: keywords are looked for in every column',
      (one) => one.leaves.some((leaf) => leaf.kind === 'keyword'),
    ],
  ],
  lucene: [
    ['expressions match whole values there and know no classes or flags', has('regex')],
    ['a variant alone needs no list; every dash is exchanged', windash],
    [
      'a keyword that ends with a star needs no second one',
      (one) => one.leaves.some((leaf) => leaf.kind === 'keyword'),
    ],
  ],
  eql: [
    ['expressions regard case, match whole values, and a backslash is escaped', has('regex')],
    ['a backslash before a star is no escape in EQL', literalStar],
    ['a variant alone needs no list; every dash is exchanged', windash],
    [
      'an address is compared as any other text',
      (one) => one.leaves.some((leaf) => leaf.test.kind === 'text'),
    ],
    ['fields can be compared', has('fieldref')],
  ],
  esql: [['case does not count, and a missing field does not silence NOT', () => true]],
}

/** The share of published rules whose text must be the reference's, letter by letter. */
const SAME_MIN: Readonly<Record<Backend, number>> = {
  spl: 0.95,
  kusto: 0.8,
  lucene: 0.95,
  eql: 0.95,
  esql: 0,
}
/** Backend, the reference's name for the combination, the pipelines of it. */
const COMBINATIONS: readonly (readonly [Backend, string, readonly string[]])[] = [
  ['spl', 'splunk__none', []],
  ['spl', 'splunk__splunk_windows', ['splunk_windows']],
  ['spl', 'splunk__sysmon+splunk_windows', ['splunk_windows', 'sysmon']],
  ['spl', 'splunk__splunk_cim', ['splunk_cim']],
  ['kusto', 'kusto__none', []],
  ['kusto', 'kusto__microsoft_xdr', ['microsoft_xdr']],
  ['kusto', 'kusto__sentinel_asim', ['sentinel_asim']],
  ['kusto', 'kusto__azure_monitor', ['azure_monitor']],
  ['lucene', 'lucene__none', []],
  ['lucene', 'lucene__ecs_windows', ['ecs_windows']],
  ['eql', 'eql__none', []],
  ['eql', 'eql__ecs_windows', ['ecs_windows']],
  ['esql', 'esql__none', []],
  ['esql', 'esql__ecs_windows', ['ecs_windows']],
]

if (corpusPath('sigma/rules.jsonl.gz') !== undefined) {
  const subjects = new Map<string, Subject>()
  for (const { id, path, yaml } of readCorpus<{ id: string; path: string; yaml: string }>(
    'sigma/rules.jsonl.gz',
  )) {
    const rule = parseSigma(yaml).documents[0] as SigmaRule
    const { predicates } = lower(rule.detections)
    const all = predicates.flatMap((predicate) => [...leaves(predicate)])
    subjects.set(`${id} ${path}`, { rule, predicates, leaves: all })
  }
  for (const [backend, name, pipelines] of COMBINATIONS) {
    void test(`${name}: every text is the reference's or differs for a named reason`, (context) => {
      const convert = (rule: SigmaRule) =>
        convertRule(
          rule,
          backend,
          pipelines.map((one) => builtinPipeline(one)!),
        )
      compare({ backend, name, convert }, subjects, (line) => context.diagnostic(line))
    })
  }
}

interface Combination {
  readonly backend: Backend
  readonly name: string
  readonly convert: (rule: SigmaRule) => Conversion
}

function compare(
  { backend, name, convert }: Combination,
  subjects: ReadonlyMap<string, Subject>,
  say: (line: string) => void,
): void {
  const counts = { same: 0, explained: 0, lost: 0, won: 0, refusedByBoth: 0 }
  const reasons = new Map<string, number>()
  const unexplained: string[] = []
  for (const reference of readCorpus<Reference>(`sigma/conversions/${name}.jsonl.gz`)) {
    const subject = subjects.get(`${reference.id} ${reference.path}`)
    if (subject === undefined) continue
    const { queries, problems } = convert(subject.rule)
    const outcome = problems.length > 0 ? 'refused' : 'converted'
    if (outcome === 'refused')
      counts[reference.ok && reference.output?.length ? 'lost' : 'refusedByBoth']++
    else if (!reference.ok || !reference.output?.length) counts.won++
    else if (fold(queries) === fold(reference.output ?? [])) counts.same++
    else {
      const reason = REASONS[backend].find(([, applies]) => applies(subject))?.[0]
      if (reason === undefined) unexplained.push(reference.path)
      else reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      counts.explained++
    }
  }
  say(`${name} ${JSON.stringify(counts)}`)
  for (const [reason, count] of reasons) say(`  ${count}: ${reason}`)
  assert.deepEqual(unexplained, [])
  const share = counts.same / (counts.same + counts.explained)
  assert.ok(share >= SAME_MIN[backend], `${backend}: ${(share * 100).toFixed(1)} % are the same`)
  assert.ok(counts.lost <= 1, `${counts.lost} rules are lost`)
}

function fold(queries: readonly string[]): string {
  return queries.map((query) => query.replaceAll(/\s+/g, ' ').trim()).join('\n')
}
