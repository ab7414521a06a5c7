// Where our EQL is not the community's, and why.

import {
  type Difference,
  both,
  eachLeaf,
  escaped,
  expressionOf,
  withOptionDashes,
  withoutDoubles,
} from './difference.ts'

export const EQL_DIFFERENCES: readonly Difference[] = [
  {
    says: 'expressions regard case, match whole values, and a backslash is escaped',
    writing: eachLeaf('eql', (leaf, printed) => {
      const expression = expressionOf(leaf)?.replaceAll('/', '\\/')
      return expression && printed.replace(/ regex~? ".*"$/s, () => ` regex~ "${expression}"`)
    }),
    proof: {
      detection: '{s: {A|re: B}, condition: s}',
      event: { A: 'aBc' },
      isMatch: true,
      theirs: 'any where A regex~ "B"',
    },
  },
  {
    says: 'a backslash before a star is no escape in EQL',
    ...escaped('*?'),
    proof: {
      detection: "{s: {A|contains: 'a\\*'}, condition: s}",
      event: { A: 'xa*y' },
      isMatch: true,
      theirs: 'any where A:"*a\\**"',
    },
  },
  {
    says: 'every dash is exchanged',
    rule: withOptionDashes,
    writing: withoutDoubles(', '),
    proof: {
      detection: "{s: {A|contains|windash: '/n'}, condition: s}",
      event: { A: 'run -n' },
      isMatch: true,
      theirs: 'any where A like~ ("*/n*")',
    },
  },
  {
    says: 'a variant alone needs no list',
    writing: both((text) => text.replaceAll(/ like~ \(("(?:[^"\\]|\\.)*")\)/g, ':$1')),
    proof: {
      detection: "{s: {A|contains|windash: 'word'}, condition: s}",
      event: { A: 'a word' },
      isMatch: true,
      theirs: 'any where A like~ ("*word*")',
      isSame: true,
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
]
