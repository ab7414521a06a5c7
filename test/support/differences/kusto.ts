// Where our Kusto is not the community's, and why.

import { ANY, type Leaf } from '#languages/predicate.ts'
import { quote, toRegex, write } from '#languages/sigma/backends/text.ts'
import { patternOf, readText } from '#languages/sigma/value.ts'
import {
  type Difference,
  type Subject,
  type Texts,
  both,
  eachLeaf,
  fold,
  inOurs,
  inTheirs,
  mapLeaves,
  withOptionDashes,
  without,
  withoutDoubles,
} from './difference.ts'

export const KUSTO_DIFFERENCES: readonly Difference[] = [
  {
    says: 'parts of a text with wildcards keep their backslashes',
    writing: anyOrder((part) => write(patternOf(readText(part))!, (text) => text)),
    proof: {
      detection: "{s: {A: '*\\\\\\\\one*two*'}, condition: s}",
      event: { A: '\\one two' },
      isMatch: false,
      theirs: '(A contains "\\\\one" and A contains "two")',
    },
  },
  {
    says: 'wildcards inside a text keep their order and place',
    writing: anyOrder((part) => part),
    proof: {
      detection: "{s: {A: '*one*two*'}, condition: s}",
      event: { A: 'two one' },
      isMatch: false,
      theirs: '(A contains "one" and A contains "two")',
    },
  },
  {
    says: 'a text column is never null, so null is the empty text',
    writing: eachLeaf('kusto', (leaf, printed) =>
      leaf.test.kind === 'null' ? printed.replace('isempty', 'isnull') : undefined,
    ),
    proof: {
      detection: '{s: {A: null}, condition: s}',
      event: {},
      isMatch: true,
      theirs: 'isnull(A)',
    },
  },
  {
    says: 'without an address a test of a network has no answer, and then NOT has none',
    writing: inOurs((text) => without(text, 'coalesce', ', false')),
    proof: {
      detection: "{s: {A: x}, t: {B|cidr: '10.0.0.0/8'}, condition: s and not t}",
      event: { A: 'x' },
      isMatch: true,
      theirs: 'A =~ "x" and (not(ipv4_is_in_range(B, "10.0.0.0/8")))',
    },
  },
  {
    says: 'numbers beside texts in one column are texts',
    writing: both((text) => text.replaceAll(/=~ "(\d+)"|== (\d+)/g, '== $1$2')),
    proof: {
      detection: '{s: {A: x}, t: {A: 1}, condition: s or t}',
      event: { A: '1' },
      isMatch: true,
      theirs: 'A =~ "x" or A == 1',
    },
  },
  {
    says: 'wildcards inside a text regard no case and begin and end with it',
    writing: wildcardsAsWritten,
    proof: {
      detection: "{s: {A: 'one*two'}, condition: s}",
      event: { A: 'ONE two' },
      isMatch: true,
      theirs: 'A matches regex "one.*two"',
    },
  },
  {
    says: 'IPv6 networks need their own function',
    writing: inOurs((text) => text.replaceAll('ipv6_is_in_range', 'ipv4_is_in_range')),
    proof: {
      detection: "{s: {A|cidr: 'fe80::/10'}, condition: s}",
      event: { A: 'fe80::1' },
      isMatch: true,
      theirs: 'ipv4_is_in_range(A, "fe80::/10")',
    },
  },
  {
    says: 'a star alone asks for a value: each text begins with nothing',
    writing: eachLeaf('kusto', (leaf, printed) =>
      isStar(leaf) ? printed.replace(/^isnotempty\((.*)\)$/, '$1 startswith ""') : undefined,
    ),
    proof: {
      detection: "{s: {A: '*'}, condition: s}",
      event: {},
      isMatch: false,
      theirs: 'A startswith ""',
    },
  },
  {
    says: 'a column may be text or boolean, =~ takes text only',
    writing: inOurs((text) =>
      text.replaceAll(/tostring\(([^()]+)\) =~ "(true|false)"/g, '$1 =~ $2'),
    ),
    proof: {
      detection: '{s: {A: true}, condition: s}',
      event: { A: true },
      isMatch: true,
      theirs: 'A =~ true',
    },
  },
  {
    says: 'numbers are compared as numbers: in~ takes texts only',
    writing: inOurs((text) =>
      text.replaceAll(
        / in \((\d+(?:, \d+)*)\)/g,
        (_all, list: string) => ` in~ (${list.replaceAll(/\d+/g, '"$&"')})`,
      ),
    ),
    proof: {
      detection: '{s: {A: [1, 2]}, condition: s}',
      event: { A: 1 },
      isMatch: true,
      theirs: 'A in~ ("1", "2")',
    },
  },
  {
    says: 'fields can be compared',
    proof: {
      detection: '{s: {A|fieldref: B}, condition: s}',
      event: { A: 'x', B: 'x' },
      isMatch: true,
      theirs: '',
    },
  },
  {
    says: 'every dash is exchanged',
    rule: withOptionDashes,
    writing: withoutDoubles(String.raw` or \S+ \w+ `),
    proof: {
      detection: "{s: {A|contains|windash: '/n'}, condition: s}",
      event: { A: 'run -n' },
      isMatch: true,
      theirs: 'A contains "/n"',
    },
  },
  {
    says: 'a text alone is no condition: keywords are looked for in every column',
    writing: eachLeaf('kusto', bareKeyword),
    proof: {
      detection: '{s: [word], condition: s}',
      event: { A: 'a word' },
      isMatch: true,
      theirs: '"word"',
    },
  },
  {
    says: 'a backslash before a wildcard stays one when the roots of the registry are spelled out',
    meaning: mapLeaves(withLostBackslash),
    writing: inTheirs((text) => text.replaceAll(/has_all \(("(?:[^"\\]|\\.)*")\)/g, '=~ $1')),
    proof: {
      detection: "{s: {TargetObject|contains: '\\Run\\'}, condition: s}",
      event: { TargetObject: 'HKLM\\Run\\x' },
      isMatch: true,
      theirs: 'TargetObject endswith "\\\\Run*"',
    },
  },
  {
    says: 'a user in any domain needs no test of the domain',
    writing: withoutDomains,
    proof: {
      detection: "{s: {User|endswith: '\\SYSTEM'}, condition: s}",
      event: { User: 'NT AUTHORITY\\SYSTEM' },
      isMatch: true,
      theirs: 'User endswith "\\\\SYSTEM" and Domain startswith ""',
      isSame: true,
    },
  },
  {
    says: 'a column with dots stands in brackets: in quotes it would be a text',
    writing: both((text) => bracketed(text)),
    proof: {
      detection: "{s: {'cs-host': x}, condition: s}",
      event: { 'cs-host': 'x' },
      isMatch: true,
      theirs: '\'cs-host\' =~ "x"',
    },
  },
]

function bracketed(text: string): string {
  return text
    .replaceAll(/\['([^'\]]+)'\]|''([^']+)''/g, "'$1$2'")
    .replaceAll(/\b(ipv4_is_in_range)\(([^',]+[.-][^',]*),/g, "$1('$2',")
}

/** All parts of a text with wildcards inside, in any order. */
function anyOrder(read: (part: string) => string): NonNullable<Difference['writing']> {
  return (texts, subject) =>
    eachLeaf('kusto', (leaf, printed) => {
      const [field, isOther] = printed.split(' matches regex ')
      if (leaf.test.kind !== 'text' || isOther === undefined) return undefined
      const parts = leaf.test.pattern.filter((part) => typeof part === 'string').map(read)
      const written = `(${parts.map((part) => `${field} contains ${quote(part)}`).join(' and ')})`
      // A backslash that came to stand before a star is not escaped.
      const forms = [written, written.replaceAll('\\\\*', '\\*')]
      return forms.find((form) => isIn(texts.theirs, form))
    })(texts, subject)
}

function wildcardsAsWritten(texts: Texts, subject: Subject): Texts {
  return eachLeaf('kusto', (leaf, printed) => {
    const [field, isOther] = printed.split(' matches regex ')
    if (leaf.test.kind !== 'text' || isOther === undefined) return undefined
    const expression = toRegex(leaf.test.pattern).slice(1, -1)
    const written = `${field} matches regex ${quote(expression)}`
    return isIn(texts.theirs, written) ? written : undefined
  })(texts, subject)
}

function isIn(theirs: string, part: string): boolean {
  return bracketed(theirs).includes(fold(bracketed(part)))
}

function isStar({ test }: Leaf): boolean {
  return test.kind === 'text' && test.pattern.length === 1 && test.pattern[0] === ANY
}

function bareKeyword(leaf: Leaf): string | undefined {
  if (leaf.kind !== 'keyword') return undefined
  const { test } = leaf
  if (test.kind === 'number') return String(test.value)
  return test.kind === 'text' ? quote(write(test.pattern, (text) => text)) : undefined
}

/** `\Run\*`, read once more: the backslash now escapes the star, which is a wildcard no more. */
function withLostBackslash(leaf: Leaf): Leaf {
  if (leaf.kind !== 'test' || leaf.test.kind !== 'text') return leaf
  if (!/^(?:RegistryKey|ObjectName|TargetRegistryKey)/.test(leaf.field)) return leaf
  const { pattern } = leaf.test
  const isLost = (at: number) => {
    const before = pattern[at - 1]
    return typeof before === 'string' && before.endsWith('\\')
  }
  const source = pattern.map((part, at) => {
    if (typeof part !== 'string') return isLost(at) ? `\\${part.wildcard}` : part.wildcard
    const text = isLost(at + 1) && at + 1 < pattern.length ? part.slice(0, -1) : part
    return text.replaceAll(/[*?\\]/g, '\\$&')
  })
  return { ...leaf, test: { ...leaf.test, pattern: patternOf(readText(source.join('')))! } }
}

/** Their tests of an account's domain for nothing, and our lists of accounts beside them. */
function withoutDomains({ ours, theirs }: Texts): Texts {
  const tested = /\((\w+) =~ ("(?:[^"\\]|\\.)*") and \w*Domain startswith ""\)/g
  const accounts = new Set([...theirs.matchAll(tested)].map(([, field]) => field))
  const spelled = ours.replaceAll(/(\w+) in~ \(([^()]*)\)/g, (all, field: string, list: string) =>
    accounts.has(field)
      ? list
          .split(', ')
          .map((one) => `${field} =~ ${one}`)
          .join(' or ')
      : all,
  )
  return { ours: spelled, theirs: theirs.replaceAll(tested, '$1 =~ $2') }
}
