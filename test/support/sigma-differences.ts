// Where our queries are not, letter by letter, what the community's converter prints, and why: each
// difference with an event on which the other text answers wrongly, or is no query at all, or says the
// same in other words.

import { ANY, leaves, ONE, type Leaf } from '#languages/predicate.ts'
import { lower } from '#languages/sigma/lower.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import type { Backend } from '#languages/sigma/names.ts'

export interface Difference {
  readonly says: string
  /** Whether it can explain a difference of this rule. */
  readonly applies?: (subject: Subject) => boolean
  /** Both texts without the difference: the explanation is exact where this is given. */
  readonly undo?: (texts: Texts) => Texts
  readonly proof: Proof
}

export interface Texts {
  readonly ours: string
  readonly theirs: string
}

/** `theirs` is what the other converter prints for a rule of this detection; empty: it refuses. */
export interface Proof {
  readonly detection: string
  readonly event: Readonly<Record<string, unknown>>
  readonly isMatch: boolean
  readonly theirs: string
  /** Only the writing differs: the other text gives the same answer. */
  readonly isSame?: true
}

export interface Subject {
  readonly rule: SigmaRule
  readonly leaves: readonly Leaf[]
}

export function subjectOf(rule: SigmaRule): Subject {
  const { predicates } = lower(rule.detections)
  return { rule, leaves: predicates.flatMap((predicate) => [...leaves(predicate)]) }
}

const has = (kind: Leaf['test']['kind']) => (subject: Subject) =>
  subject.leaves.some((leaf) => leaf.test.kind === kind)
type Parts = Extract<Leaf['test'], { kind: 'text' }>['pattern']
const hasText =
  (holds: (parts: Parts) => boolean, field = /^/) =>
  (subject: Subject) =>
    subject.leaves.some(
      ({ test, ...leaf }) =>
        test.kind === 'text' &&
        field.test(leaf.kind === 'test' ? leaf.field : '') &&
        holds(test.pattern),
    )
const literalStar = hasText((parts) =>
  parts.some((part) => typeof part === 'string' && /[*?]/.test(part)),
)
const innerWildcard = hasText((parts) =>
  parts.some(
    (part, at) =>
      typeof part === 'object' && (part.wildcard === '?' || (at > 0 && at < parts.length - 1)),
  ),
)
const backslashBeforeWildcard = hasText(
  (parts) =>
    parts.some(
      (part, at) => typeof part === 'string' && part.endsWith('\\') && at + 1 < parts.length,
    ),
  /^(?:TargetObject|TargetFilename|ObjectName)$/,
)
const lonelyStar = hasText((parts) => parts.length === 1 && typeof parts[0] === 'object')
const windash = (subject: Subject) => JSON.stringify(subject.rule.root).includes('|windash')
const keywords = (subject: Subject) => subject.leaves.some((leaf) => leaf.kind === 'keyword')
const oddField = (subject: Subject) =>
  subject.leaves.some((leaf) => leaf.kind === 'test' && !/^\w+$/.test(leaf.field))

const FROM = 'from * metadata _id, _index, _version | where '

export const DIFFERENCES: Readonly<Record<Backend, readonly Difference[]>> = {
  spl: [
    {
      says: 'a star cannot be escaped: the backslash would be looked for',
      applies: literalStar,
      proof: {
        detection: "{s: {P: 'a\\*b'}, condition: s}",
        event: { P: 'a*b' },
        isMatch: true,
        theirs: 'P="a\\\\*b"',
      },
    },
    {
      says: 'a question mark is one character, which only an expression can say',
      applies: hasText((parts) => parts.includes(ONE)),
      proof: {
        detection: "{s: {A: x}, t: {B: 'a?'}, condition: s and not t}",
        event: { A: 'x', B: 'abc' },
        isMatch: true,
        theirs: 'A="x" NOT B="a*"',
      },
    },
    {
      says: 'a search must come before what is computed, and other branches keep their events',
      applies: has('regex'),
      proof: {
        detection: '{s: {A: x}, t: {C: z}, u: {B|re: y}, condition: s or t or u}',
        event: { C: 'z' },
        isMatch: true,
        theirs:
          'A="x"\n| rex field=B "(?<BMatch>y)"\n| eval BCondition=if(isnotnull(BMatch), "true", "false")\n| search OR C="z" OR BCondition="true"',
      },
    },
    {
      says: 'fields compare without case, and under OR too',
      applies: has('fieldref'),
      proof: {
        detection: '{s: {A|fieldref: B}, condition: s}',
        event: { A: 'Ada', B: 'ada' },
        isMatch: true,
        theirs: "* | where 'A'='B'",
      },
    },
    {
      says: 'NOT reaches over all variants; every dash is exchanged',
      applies: windash,
      proof: {
        detection: "{s: {A: x}, t: {C|contains|windash: ' -n'}, condition: s and not t}",
        event: { A: 'x', C: 'run /n' },
        isMatch: false,
        theirs: 'A="x" NOT C="* -n*" OR C="* /n*" OR C="* –n*" OR C="* —n*" OR C="* ―n*"',
      },
    },
  ],
  kusto: [
    {
      says: 'a column with dots stands in brackets: in quotes it would be a text',
      applies: oddField,
      proof: {
        detection: "{s: {'cs-host': x}, condition: s}",
        event: { 'cs-host': 'x' },
        isMatch: true,
        theirs: '\'cs-host\' =~ "x"',
      },
    },
    {
      says: 'wildcards inside a text keep their order and place',
      applies: innerWildcard,
      proof: {
        detection: "{s: {A: '*one*two*'}, condition: s}",
        event: { A: 'two one' },
        isMatch: false,
        theirs: '(A contains "one" and A contains "two")',
      },
    },
    {
      says: 'a text column is never null, so null is the empty text',
      applies: has('null'),
      proof: {
        detection: '{s: {A: null}, condition: s}',
        event: {},
        isMatch: true,
        theirs: 'isnull(A)',
      },
    },
    {
      says: 'IPv6 networks need their own function',
      applies: has('cidr'),
      proof: {
        detection: "{s: {A|cidr: 'fe80::/10'}, condition: s}",
        event: { A: 'fe80::1' },
        isMatch: true,
        theirs: 'ipv4_is_in_range(A, "fe80::/10")',
      },
    },
    {
      says: 'a star alone asks for a value: each text begins with nothing',
      applies: lonelyStar,
      proof: {
        detection: "{s: {A: '*'}, condition: s}",
        event: {},
        isMatch: false,
        theirs: 'A startswith ""',
      },
    },
    {
      says: 'a column may be text or boolean, =~ takes text only',
      applies: has('boolean'),
      proof: {
        detection: '{s: {A: true}, condition: s}',
        event: { A: true },
        isMatch: true,
        theirs: 'A =~ true',
      },
    },
    {
      says: 'numbers are compared as numbers: in~ takes texts only',
      applies: has('number'),
      proof: {
        detection: '{s: {A: [1, 2]}, condition: s}',
        event: { A: 1 },
        isMatch: true,
        theirs: 'A in~ ("1", "2")',
      },
    },
    {
      says: 'fields can be compared',
      applies: has('fieldref'),
      proof: {
        detection: '{s: {A|fieldref: B}, condition: s}',
        event: { A: 'x', B: 'x' },
        isMatch: true,
        theirs: '',
      },
    },
    {
      says: 'every dash is exchanged',
      applies: windash,
      proof: {
        detection: "{s: {A|contains|windash: '/n'}, condition: s}",
        event: { A: 'run -n' },
        isMatch: true,
        theirs: 'A contains "/n"',
      },
    },
    {
      says: 'a text alone is no condition: keywords are looked for in every column',
      applies: keywords,
      proof: {
        detection: '{s: [word], condition: s}',
        event: { A: 'a word' },
        isMatch: true,
        theirs: '"word"',
      },
    },
    {
      says: 'a backslash before a wildcard stays one when the roots of the registry are spelled out',
      applies: backslashBeforeWildcard,
      proof: {
        detection: "{s: {TargetObject|contains: '\\Run\\'}, condition: s}",
        event: { TargetObject: 'HKLM\\Run\\x' },
        isMatch: true,
        theirs: 'TargetObject endswith "\\\\Run*"',
      },
    },
    {
      says: 'a user in any domain needs no test of the domain',
      applies: hasText((parts) => parts.length > 1 && parts[0] === ANY, /User$/),
      proof: {
        detection: "{s: {User|endswith: '\\SYSTEM'}, condition: s}",
        event: { User: 'NT AUTHORITY\\SYSTEM' },
        isMatch: true,
        theirs: 'User endswith "\\\\SYSTEM" and Domain startswith ""',
        isSame: true,
      },
    },
  ],
  lucene: [
    {
      says: 'expressions match whole values there and know no classes or flags',
      applies: has('regex'),
      proof: {
        detection: '{s: {A|re: b}, condition: s}',
        event: { A: 'abc' },
        isMatch: true,
        theirs: 'A:/b/',
      },
    },
    {
      says: 'a variant alone needs no list; every dash is exchanged',
      applies: windash,
      proof: {
        detection: "{s: {A|contains|windash: '/n'}, condition: s}",
        event: { A: 'run -n' },
        isMatch: true,
        theirs: 'A:(*\\/n*)',
      },
    },
    {
      says: 'a keyword that ends with a star needs no second one',
      applies: keywords,
      proof: {
        detection: "{s: ['word*'], condition: s}",
        event: { A: 'word' },
        isMatch: true,
        theirs: '*word**',
        isSame: true,
      },
    },
  ],
  eql: [
    {
      says: 'expressions regard case, match whole values, and a backslash is escaped',
      applies: has('regex'),
      proof: {
        detection: '{s: {A|re: B}, condition: s}',
        event: { A: 'aBc' },
        isMatch: true,
        theirs: 'any where A regex~ "B"',
      },
    },
    {
      says: 'a backslash before a star is no escape in EQL',
      applies: literalStar,
      proof: {
        detection: "{s: {A|contains: 'a\\*'}, condition: s}",
        event: { A: 'xa*y' },
        isMatch: true,
        theirs: 'any where A:"*a\\**"',
      },
    },
    {
      says: 'a variant alone needs no list; every dash is exchanged',
      applies: windash,
      proof: {
        detection: "{s: {A|contains|windash: '/n'}, condition: s}",
        event: { A: 'run -n' },
        isMatch: true,
        theirs: 'any where A like~ ("*/n*")',
      },
    },
    {
      says: 'an address is compared as any other text',
      applies: hasText(() => true),
      proof: {
        detection: "{s: {A: '10.0.0.*'}, condition: s}",
        event: { A: '10.0.0.7' },
        isMatch: true,
        theirs: 'any where cidrMatch(A, "10.0.0.*")',
      },
    },
    {
      says: 'fields can be compared',
      applies: has('fieldref'),
      proof: {
        detection: '{s: {A|fieldref: B}, condition: s}',
        event: { A: 'x', B: 'x' },
        isMatch: true,
        theirs: '',
      },
    },
  ],
  esql: [
    {
      says: 'a star alone asks for a value, and NOT of it for none',
      undo: ({ ours, theirs }) => ({
        ours,
        theirs: theirs.replaceAll(/starts_with\(([^ ,()]+), ""\)/g, '$1 is not null'),
      }),
      proof: {
        detection: "{s: {A: x}, t: {B: '*'}, condition: s and not t}",
        event: { A: 'x' },
        isMatch: true,
        theirs: `${FROM}A=="x" and not starts_with(B, "")`,
      },
    },
    {
      says: 'expressions match whole values there and know no classes or flags',
      undo: both((text) => text.replaceAll(/rlike "(?:[^"\\]|\\.)*"/g, 'rlike ""')),
      proof: {
        detection: '{s: {A|re: b}, condition: s}',
        event: { A: 'abc' },
        isMatch: true,
        theirs: `${FROM}A rlike "b"`,
      },
    },
    {
      says: 'a missing field does not silence NOT',
      undo: ({ ours, theirs }) => ({ ours: without(ours, 'coalesce', ', false'), theirs }),
      proof: {
        detection: '{s: {A: x}, t: {B: y}, condition: s and not t}',
        event: { A: 'x' },
        isMatch: true,
        theirs: `${FROM}A=="x" and not B=="y"`,
      },
    },
    {
      says: 'numbers beside texts in one column are texts',
      undo: both((text) => text.replaceAll(/"(-?\d+)"/g, '$1')),
      proof: {
        detection: '{s: {A: [x, 1]}, condition: s}',
        event: { A: '1' },
        isMatch: true,
        theirs: `${FROM}A=="x" or A==1`,
      },
    },
    {
      says: 'case does not count',
      undo: ({ ours, theirs }) => ({
        ours: without(ours, 'to_lower', '').toLowerCase(),
        theirs: theirs.toLowerCase(),
      }),
      proof: {
        detection: '{s: {A: Value}, condition: s}',
        event: { A: 'VALUE' },
        isMatch: true,
        theirs: `${FROM}A=="Value"`,
      },
    },
    {
      says: 'the negation of a test for null has a form of its own',
      undo: ({ ours, theirs }) => ({
        ours,
        theirs: theirs.replaceAll(/not ([^ ()]+) is null/g, '$1 is not null'),
      }),
      proof: {
        detection: '{s: {A: x}, t: {B: null}, condition: s and not t}',
        event: { A: 'x', B: 'y' },
        isMatch: true,
        theirs: `${FROM}A=="x" and not B is null`,
        isSame: true,
      },
    },
    {
      says: 'in a pattern a backslash is escaped for the pattern and for the string',
      undo: both((text) => text.replaceAll('\\', '')),
      proof: {
        detection: "{s: {A|contains: 'a\\b'}, condition: s}",
        event: { A: 'xa\\by' },
        isMatch: true,
        theirs: `${FROM}A like "*a\\\\b*"`,
      },
    },
    {
      says: 'no parentheses where the operators need none',
      undo: both((text) => text.replaceAll(/[()]/g, '')),
      proof: {
        detection: '{s: {A: x}, t: {B: y}, condition: s and not t}',
        event: { A: 'x' },
        isMatch: true,
        theirs: `${FROM}A=="x" and (not coalesce(B=="y", false))`,
        isSame: true,
      },
    },
    {
      says: 'every dash is exchanged',
      applies: windash,
      proof: {
        detection: "{s: {A|contains|windash: '/n'}, condition: s}",
        event: { A: 'run -n' },
        isMatch: true,
        theirs: `${FROM}A like "*/n*"`,
      },
    },
  ],
}

function both(change: (text: string) => string): (texts: Texts) => Texts {
  return ({ ours, theirs }) => ({ ours: change(ours), theirs: change(theirs) })
}

/** Calls of one function replaced by their first argument; `rest` is what follows it. */
function without(text: string, name: string, rest: string): string {
  const start = text.indexOf(`${name}(`)
  if (start < 0) return text
  const from = start + name.length + 1
  let depth = 1
  let at = from
  for (let isQuoted = false; at < text.length; at++) {
    const character = text[at]
    if (character === '\\') at++
    else if (character === '"') isQuoted = !isQuoted
    else if (!isQuoted && character === '(') depth++
    else if (!isQuoted && character === ')' && --depth === 0) break
  }
  const inside = text.slice(from, at)
  const first = rest !== '' && inside.endsWith(rest) ? inside.slice(0, -rest.length) : inside
  return text.slice(0, start) + without(first + text.slice(at + 1), name, rest)
}
