// Where our Lucene queries are not the community's, and why.

import {
  type Difference,
  both,
  eachLeaf,
  expressionOf,
  inTheirs,
  withOptionDashes,
  withoutDoubles,
} from './difference.ts'

export const LUCENE_DIFFERENCES: readonly Difference[] = [
  {
    says: 'expressions match whole values there and know no classes or flags',
    writing: eachLeaf('lucene', (leaf, printed) => {
      const expression = expressionOf(leaf)?.replaceAll('/', '\\/')
      return expression && printed.replace(/\/.*\/$/s, () => `/${expression}/`)
    }),
    proof: {
      detection: '{s: {A|re: b}, condition: s}',
      event: { A: 'abc' },
      isMatch: true,
      theirs: 'A:/b/',
    },
  },
  {
    says: 'every dash is exchanged',
    rule: withOptionDashes,
    writing: withoutDoubles(' OR ', 'bare', '(?=[ )])'),
    proof: {
      detection: "{s: {A|contains|windash: '/n'}, condition: s}",
      event: { A: 'run -n' },
      isMatch: true,
      theirs: 'A:(*\\/n*)',
    },
  },
  {
    says: 'a variant alone needs no list',
    writing: both((text) => text.replaceAll(/:\(((?:[^()\s\\]|\\.)+)\)/g, ':$1')),
    proof: {
      detection: "{s: {A|contains|windash: 'word'}, condition: s}",
      event: { A: 'a word' },
      isMatch: true,
      theirs: 'A:(*word*)',
      isSame: true,
    },
  },
  {
    says: 'a keyword that ends with a star needs no second one',
    writing: inTheirs((text) => text.replaceAll(/\*\*/g, '*')),
    proof: {
      detection: "{s: ['word*'], condition: s}",
      event: { A: 'word' },
      isMatch: true,
      theirs: '*word**',
      isSame: true,
    },
  },
]
