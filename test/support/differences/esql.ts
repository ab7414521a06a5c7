// Where our ES|QL is not the community's, and why.

import {
  type Difference,
  both,
  eachLeaf,
  expressionOf,
  withOptionDashes,
  without,
  withoutDoubles,
} from './difference.ts'

const FROM = 'from * metadata _id, _index, _version | where '

export const ESQL_DIFFERENCES: readonly Difference[] = [
  {
    says: 'every dash is exchanged',
    rule: withOptionDashes,
    writing: withoutDoubles(
      String.raw` or (?:to_lower\([^()]*\) like |\w+\(to_lower\([^()]*\), )`,
      'quoted',
      String.raw`\)?`,
    ),
    proof: {
      detection: "{s: {A|contains|windash: '/n'}, condition: s}",
      event: { A: 'run -n' },
      isMatch: true,
      theirs: `${FROM}A like "*/n*"`,
    },
  },
  {
    says: 'a star alone asks for a value, and NOT of it for none',
    writing: ({ ours, theirs }) => ({
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
    writing: eachLeaf('esql', (leaf, printed) => {
      const expression = expressionOf(leaf)?.replaceAll(/[\\"]/g, '\\$&')
      return expression && printed.replace(/ rlike ".*"$/s, () => ` rlike "${expression}"`)
    }),
    proof: {
      detection: '{s: {A|re: b}, condition: s}',
      event: { A: 'abc' },
      isMatch: true,
      theirs: `${FROM}A rlike "b"`,
    },
  },
  {
    says: 'a missing field does not silence NOT',
    writing: ({ ours, theirs }) => ({ ours: without(ours, 'coalesce', ', false'), theirs }),
    proof: {
      detection: '{s: {A: x}, t: {B: y}, condition: s and not t}',
      event: { A: 'x' },
      isMatch: true,
      theirs: `${FROM}A=="x" and not B=="y"`,
    },
  },
  {
    says: 'numbers beside texts in one column are texts',
    writing: both((text) => text.replaceAll(/"(-?\d+)"/g, '$1')),
    proof: {
      detection: '{s: {A: [x, 1]}, condition: s}',
      event: { A: '1' },
      isMatch: true,
      theirs: `${FROM}A=="x" or A==1`,
    },
  },
  {
    says: 'case does not count',
    writing: ({ ours, theirs }) => ({
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
    writing: ({ ours, theirs }) => ({
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
    writing: both((text) => text.replaceAll('\\', '')),
    proof: {
      detection: "{s: {A|contains: 'a\\b'}, condition: s}",
      event: { A: 'xa\\by' },
      isMatch: true,
      theirs: `${FROM}A like "*a\\\\b*"`,
    },
  },
  {
    says: 'no parentheses where the operators need none',
    writing: both((text) => text.replaceAll(/[()]/g, '')),
    proof: {
      detection: '{s: {A: x}, t: {B: y}, condition: s and not t}',
      event: { A: 'x' },
      isMatch: true,
      theirs: `${FROM}A=="x" and (not coalesce(B=="y", false))`,
      isSame: true,
    },
  },
]
