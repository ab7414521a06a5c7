// Reference lists in the text of a rule: what they become is what Sigma reads, whatever the values hold.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fillLists, listsNamed } from '#languages/sigma/fill.ts'
import { Matcher } from '#languages/sigma/match.ts'
import { parseSigma } from '#languages/sigma/parse.ts'

const rule = (detection: string) => `title: Sign-in of an admin
logsource: {product: windows}
detection:
${detection}
  condition: selection
`
const LISTS = [
  { name: 'Admins', values: ['ada', 'ACME\\ravi', 'x*y'] },
  { name: 'Hosts', values: ['dc1', 'dc2'] },
]

const itemsOf = (text: string) => {
  const { documents, problems } = parseSigma(text)
  assert.deepEqual(
    problems.filter(({ severity }) => severity === 'error'),
    [],
    text,
  )
  const [document] = documents
  const group = document?.kind === 'rule' && document.detections.searches.get('selection')
  return group ? group.items.flatMap((one) => (one.kind === 'item' ? one : [])) : []
}

const valuesOf = (text: string) =>
  itemsOf(text).map(({ values }) => values.map((one) => (one.kind === 'text' ? one.parts : one)))

for (const [name, detection, expected] of [
  ['one value', "  selection:\n    User|expand: '%Admins%'", [['ada'], ['ACME\\ravi'], ['x*y']]],
  [
    'a list of values, some plain, at the depth of its key',
    "  selection:\n    User|expand:\n    - '%Hosts%'\n    - root # the old one",
    [['dc1'], ['dc2'], ['root']],
  ],
  [
    'a part of a value',
    "  selection: {Host|expand: '%Hosts%.acme.example'}",
    [['dc1.acme.example'], ['dc2.acme.example']],
  ],
  [
    'each with each',
    "  selection: {Path|expand: '%Hosts%/%Hosts%'}",
    [['dc1/dc1'], ['dc1/dc2'], ['dc2/dc1'], ['dc2/dc2']],
  ],
] as const) {
  test(`a list is written out: ${name}`, () => {
    assert.deepEqual(valuesOf(fillLists(rule(detection), LISTS)), [expected])
  })
}

test('what has no list keeps its placeholder, and its percent signs apart', () => {
  const filled = fillLists(
    rule("  selection: {User|expand: ['%Admins%', '%Others%', '5\\% off']}"),
    LISTS,
  )
  assert.deepEqual(listsNamed(filled), ['Others'])
  const [values] = valuesOf(filled)
  assert.deepEqual(values, [
    ['ada'],
    ['ACME\\ravi'],
    ['x*y'],
    [{ placeholder: 'Others' }],
    ['5% off'],
  ])
})

test('other modifiers stay, and a text without one that asks is the same text', () => {
  const text = rule("  selection: {User|expand|contains: '%Admins%', Host: '%Hosts%'}")
  const [user, host] = itemsOf(fillLists(text, LISTS))
  assert.deepEqual(user?.modifiers, ['contains'])
  assert.deepEqual(
    host?.values.map((one) => one.kind === 'text' && one.parts),
    [['%Hosts%']],
  )
  const plain = rule("  selection: {User: '%Admins%'} # 100 %")
  assert.equal(fillLists(plain, LISTS), plain)
})

test('whatever a value holds, it is found as it is and nothing else is', () => {
  const value = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' })
  fc.assert(
    fc.property(fc.uniqueArray(value, { minLength: 1, maxLength: 4 }), value, (values, other) => {
      const text = fillLists(rule("  selection: {User|expand: '%Any%'}"), [{ name: 'Any', values }])
      const [document] = parseSigma(text).documents
      const matcher = new Matcher(document?.kind === 'rule' ? [document] : [])
      const isFound = (User: string) => matcher.match({ User }).length === 1
      for (const one of values) assert.equal(isFound(one), true, JSON.stringify([text, one]))
      const isIn = values.some((one) => one.toLowerCase() === other.toLowerCase())
      assert.equal(isFound(other), isIn, JSON.stringify([text, other]))
    }),
    { numRuns: 300 },
  )
})
