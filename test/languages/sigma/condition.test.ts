import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseCondition, selectNames, type Condition } from '#languages/sigma/condition.ts'

function parse(text: string): { tree: Condition | undefined; codes: string[] } {
  const codes: string[] = []
  const tree = parseCondition(text, (code) => codes.push(code))
  return { tree, codes }
}

/** The tree with every operator's operands in parentheses. */
function show(tree: Condition | undefined): string {
  if (tree === undefined) return 'nothing'
  if (tree.kind === 'identifier') return tree.name
  if (tree.kind === 'selector') return `${tree.quantity}:${tree.pattern}`
  if (tree.kind === 'not') return `!${show(tree.of)}`
  return `(${tree.of.map(show).join(tree.kind === 'and' ? ' & ' : ' | ')})`
}

void test('not binds tighter than and, and tighter than or', () => {
  assert.equal(show(parse('a or not b and c').tree), '(a | (!b & c))')
  assert.equal(show(parse('not (a or b) and c').tree), '(!(a | b) & c)')
  assert.equal(show(parse('not not a').tree), '!!a')
})

void test('names may begin with an operator or hold dashes and operators', () => {
  assert.equal(show(parse('and1 and not-this or notable').tree), '((and1 & not-this) | notable)')
})

void test('quantities select by pattern, and any means one', () => {
  assert.equal(show(parse('1 of sel* and all of them').tree), '(any:sel* & all:them)')
  assert.equal(show(parse('any of *_x').tree), 'any:*_x')
})

void test('operators are read in any case', () => {
  assert.equal(show(parse('a AND Not b').tree), '(a & !b)')
})

void test('what is wrong is named by code', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'sigma/condition-syntax'],
    ['a b', 'sigma/condition-syntax'],
    ['(a', 'sigma/condition-syntax'],
    ['a)', 'sigma/condition-syntax'],
    ['a and', 'sigma/condition-syntax'],
    ['sel*', 'sigma/condition-syntax'],
    ['2 of sel*', 'sigma/condition-quantity'],
    ['a | count() by b > 5', 'sigma/condition-aggregation'],
    ['a'.repeat(20_000), 'sigma/condition-too-long'],
    [`${'('.repeat(300)}a${')'.repeat(300)}`, 'sigma/condition-too-deep'],
    [`${'not '.repeat(300)}a`, 'sigma/condition-too-deep'],
  ]
  for (const [text, code] of cases) {
    const { tree, codes } = parse(text)
    assert.deepEqual(codes, [code], text.slice(0, 40))
    assert.equal(tree, undefined)
  }
})

void test('the place of a problem is the word that is wrong', () => {
  parseCondition('sel and 3 of x*', (_code, at) => assert.deepEqual([at.start, at.end], [8, 9]))
})

void test('"them" leaves out names that begin with an underscore, patterns do not', () => {
  const names = ['a', '_b', 'sel_1', 'x.sel']
  assert.deepEqual(selectNames('them', names), ['a', 'sel_1', 'x.sel'])
  assert.deepEqual(selectNames('*b', names), ['_b'])
  assert.deepEqual(selectNames('sel', names), [])
  assert.deepEqual(selectNames('x.s*', [...names, 'xysel']), ['x.sel'])
})

void test('every text ends in a tree or in a problem, and never throws', () => {
  const word = fc.constantFrom('a', 'and', 'or', 'not', '(', ')', '1', 'of', 'all', 'x*', '|', '"')
  const texts = fc.oneof(
    fc.string(),
    fc.array(word).map((words) => words.join(' ')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const { tree, codes } = parse(text)
      assert.notEqual(tree === undefined, codes.length === 0)
    }),
  )
})
