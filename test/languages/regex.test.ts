import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileRegex, requiredText } from '#languages/regex.ts'

test('counts and codes of a pattern are no text it requires', () => {
  assert.equal(requiredText('^[a-z0-9-]{45,63}\\.evil'), '.evil')
  assert.equal(requiredText('\\x41BCD'), undefined)
  assert.equal(requiredText('\\pLatin'), undefined)
  assert.equal(requiredText('\\Qa|b\\Emore'), undefined)
  assert.equal(requiredText('\\bwhoami\\b'), 'whoami')
  assert.equal(requiredText('(?:a|b)cde{0,3}fgh'), 'fgh')
})

const PIECES = [
  'a',
  'B',
  'c',
  '45',
  '\\x41',
  '\\x{61}',
  '\\pL',
  '\\d',
  '\\.',
  '\\Qa.b\\E',
  '[a-c]',
  '[^]b]',
  '.',
  '(?:ab)',
  '(a|b)',
  '(?i)',
  'abc',
  'a,b',
  '^',
  '$',
  '\\b',
  '|',
  '{',
]
const COUNTS = ['', '', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?']

test('a text that a pattern matches holds what the pattern requires', () => {
  const piece = fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom(...COUNTS))
  const pattern = fc.array(piece, { minLength: 1, maxLength: 8 }).map((all) => all.flat().join(''))
  const text = fc
    .array(
      fc.constantFrom('a', 'b', 'c', 'A', 'B', '4', '5', 'abc', '45', 'a.b', '.', ',', '{', '{2}'),
    )
    .map((all) => all.join(''))
  let matched = 0
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 5, maxLength: 5 }), (source, texts) => {
      const compiled = compileRegex(source, [])
      const required = requiredText(source)
      if ('refusal' in compiled || required === undefined) return
      for (const one of texts.filter((candidate) => compiled.test(candidate))) {
        matched += 1
        assert.ok(one.toLowerCase().includes(required), `${source} matches ${one}`)
      }
    }),
    { numRuns: 5_000, seed: 7 },
  )
  assert.ok(matched > 20, `only ${matched} texts matched`)
})
