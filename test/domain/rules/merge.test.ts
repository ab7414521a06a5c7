// Two edits of one rule become one rule, and what cannot be joined is shown.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Conflict, mergeRuleTexts, type RuleTexts } from '#domain/rules/merge/merge.ts'
import { meaningOf, readWritten } from '#languages/sigma/written.ts'
import { pick, type Random, seeded, yamlInSomeHand } from '#test/support/yaml-text.ts'
import { thoroughly } from '#test/support/thorough.ts'

const BASE = `title: Whoami
description: |
    One.
    Two.
    Three.
tags:
    - attack.discovery
    - attack.t1033
logsource: {category: process_creation, product: windows}
detection:
    selection:
        Image|endswith:
            - '\\whoami.exe'
            - '\\who.exe'
    condition: selection
level: low
`

const merge = (mine: string, theirs: string, base = BASE) => mergeRuleTexts({ base, mine, theirs })

test('edits of different fields are joined, with the comments of both', () => {
  const mine = BASE.replace('level: low', 'level: high # because of the incident in May')
  const theirs = BASE.replace('tags:', '# From the matrix.\ntags:').replace('Whoami', 'Whoami run')
  const { text, conflicts } = merge(mine, theirs)
  assert.deepEqual(conflicts, [])
  assert.equal(text, theirs.replace('level: low', 'level: high # because of the incident in May'))
})

test('both may add to a list, and what both added is there once', () => {
  const mine = BASE.replace('t1033\n', 't1033\n    - acme\n    - both\n')
  const theirs = BASE.replace('t1033\n', 't1033\n    - both\n    - tlp.green # may be shared\n')
  const { text, conflicts } = merge(mine, theirs)
  assert.deepEqual(conflicts, [])
  const joined = 't1033\n    - acme\n    - both\n    - tlp.green # may be shared\n'
  assert.equal(text, BASE.replace('t1033\n', joined))
})

test('one value rewritten by both is a conflict, and the text keeps mine', () => {
  const mine = BASE.replace('\\who.exe', '\\w.exe')
  const { text, conflicts } = merge(mine, BASE.replace('\\who.exe', '\\users.exe'))
  assert.equal(text, mine)
  const path = ['detection', 'selection', 'Image|endswith', 1]
  assert.deepEqual(conflicts, [{ path, base: '\\who.exe', mine: '\\w.exe', theirs: '\\users.exe' }])
})

test('what one took out and the other changed is a conflict', () => {
  const without = BASE.replace(/level: low\n/, '')
  const changed = BASE.replace('low', 'high')
  const expected = { path: ['level'], base: 'low' }
  assert.deepEqual(merge(without, changed), {
    text: without,
    conflicts: [{ ...expected, mine: undefined, theirs: 'high' }],
  })
  assert.deepEqual(merge(changed, without), {
    text: changed,
    conflicts: [{ ...expected, mine: 'high', theirs: undefined }],
  })
})

test('a single value that one side made a list of takes the edits of the other', () => {
  const base = "detection:\n  s:\n    Image: 'a'\n  condition: s\n"
  const mine = base.replace("'a'", '[a, b]')
  assert.deepEqual(merge(mine, base.replace("'a'", "['a', 'c']"), base), {
    text: base.replace("'a'", '[a, b, c]'),
    conflicts: [],
  })
})

test('free text is merged line by line, and overlapping lines conflict', () => {
  const mine = BASE.replace('One.', 'Eins.')
  const { text, conflicts } = merge(mine, BASE.replace('Three.', 'Drei.'))
  assert.deepEqual(conflicts, [])
  assert.equal(text, mine.replace('Three.', 'Drei.'))
  const both = merge(mine, BASE.replace('One.', 'Un.'))
  assert.deepEqual(
    both.conflicts.map(({ path }) => path),
    [['description']],
  )
  assert.equal(both.text, mine)
})

test('tests are known by their names, wherever they stand', () => {
  const base =
    'title: a\nrulewright:\n  tests:\n    - name: one\n      expect: match\n    - name: two\n      expect: match\n'
  const mine =
    'title: a\nrulewright:\n  tests:\n    - name: two\n      expect: match\n    - name: one\n      expect: no_match\n'
  const theirs = base.replace('name: two\n      expect: match', 'name: two\n      expect: no_match')
  const { text, conflicts } = merge(mine, theirs, base)
  assert.deepEqual(conflicts, [])
  assert.equal(
    text,
    mine.replace('name: two\n      expect: match', 'name: two\n      expect: no_match'),
  )
})

test('native rules merge as others do', () => {
  const base =
    'title: a\nrulewright:\n  implementations:\n    splunk:\n      type: query\n      query: |\n        index=a\n        | stats count\n        | where count > 5\n'
  const mine = base.replace('index=a', 'index=b')
  const { text, conflicts } = merge(mine, base.replace('> 5', '> 9'), base)
  assert.deepEqual(conflicts, [])
  assert.equal(text, mine.replace('> 5', '> 9'))
})

test('line ends stay mine, whatever the other side has', () => {
  const mine = BASE.replace('level: low', 'level: high').replaceAll('\n', '\r\n')
  const { text, conflicts } = merge(mine, BASE.replace('Whoami', 'Who'))
  assert.deepEqual(conflicts, [])
  assert.equal(text, mine.replace('Whoami', 'Who'))
})

test('what nobody can read conflicts as a whole, unless only one side changed', () => {
  const broken = 'title: [\n'
  assert.equal(merge(BASE, broken).text, broken)
  const mine = BASE.replace('low', 'high')
  const { text, conflicts } = merge(mine, broken)
  assert.equal(text, mine)
  assert.deepEqual(conflicts, [{ path: [], base: BASE, mine, theirs: broken }])
})

const TRIPLES = thoroughly(400, 10_000)

test('random triples lose nothing, and order and sides decide nothing', () => {
  let [clean, conflicting, remarks] = [0, 0, 0]
  for (let seed = 1; seed <= TRIPLES; seed++) {
    const [texts, [base, mine, theirs]] = randomTriple(seeded(seed))
    const shown = () => `seed ${seed}\n${Object.values(texts).join('\n=======\n')}`
    const merged = mergeRuleTexts(texts)
    const { text, conflicts } = merged
    const result = dataOf(text)
    for (const conflict of conflicts) assert.notDeepEqual(conflict.path, [], shown())
    assertKept(base, mine, theirs, result, conflicts, shown)
    assertKept(base, theirs, mine, result, conflicts, shown)
    remarks += assertRemarksKept(texts, text, conflicts, shown)
    if (conflicts.length === 0) clean++
    else conflicting++
    if (seed % 20 === 0) assertLaws(texts, merged, shown)
  }
  assert.ok(remarks > TRIPLES / 50, `${remarks} remarks`)
  const least = Math.min(clean / 0.2, conflicting / 0.15)
  assert.ok(least > TRIPLES, `${clean} clean, ${conflicting} conflicting`)
})

function assertLaws(
  { base, mine, theirs }: RuleTexts,
  { text, conflicts }: ReturnType<typeof mergeRuleTexts>,
  shown: () => string,
): void {
  assert.equal(mergeRuleTexts({ base, mine: base, theirs }).text, theirs)
  assert.equal(mergeRuleTexts({ base, mine, theirs: base }).text, mine)
  assert.equal(mergeRuleTexts({ base, mine, theirs: mine }).text, mine)
  const turned = mergeRuleTexts({ base, mine: theirs, theirs: mine })
  const sides = turned.conflicts.map((found) => ({
    ...found,
    mine: found.theirs,
    theirs: found.mine,
  }))
  assert.deepEqual(sortedBy(sides), sortedBy(conflicts), shown())
  if (conflicts.length > 0) return
  assert.equal(sortedMeaning(dataOf(turned.text)), sortedMeaning(dataOf(text)), shown())
  const again = mergeRuleTexts({ base, mine: text, theirs })
  assert.deepEqual(again.conflicts, [], shown())
  assert.equal(meaningOf(dataOf(again.text)), meaningOf(dataOf(text)), shown())
}

/** What `side` changed is in `result`, or a conflict at or around the place says that it is not. */
function assertKept(
  base: unknown,
  side: unknown,
  other: unknown,
  result: unknown,
  conflicts: readonly Conflict[],
  shown: () => string,
  path: readonly (string | number)[] = [],
): void {
  if (meaningOf(base) === meaningOf(side)) return
  const isShown = conflicts.some((conflict) => {
    const common = Math.min(path.length, conflict.path.length)
    return common > 0 && path.slice(0, common).every((step, at) => step === conflict.path[at])
  })
  if (isShown && !isMap(side)) return
  const complaint = () =>
    `${path.join('.')} of one side is not in\n${meaningOf(result)}\n${shown()}`
  if (isMap(side) && (isMap(base) || base === undefined) && (isMap(result) || !isShown)) {
    assert.ok(isMap(result), complaint())
    for (const name of new Set([...Object.keys(base ?? {}), ...Object.keys(side)])) {
      const values = [base, side, other, result].map((map) => (isMap(map) ? map[name] : undefined))
      const [b, s, o, r] = values
      assertKept(b, s, o, r, conflicts, shown, [...path, name])
    }
    return
  }
  if (isShown) return
  if ([base, side, result].some(Array.isArray))
    return assertItemsKept([base, side, other, result], complaint)
  if (path.at(-1) === 'description' && typeof result === 'string' && typeof side === 'string') {
    const old = String(base).split('\n')
    for (const line of side.split('\n'))
      assert.ok(old.includes(line) || result.includes(line), complaint())
    return
  }
  assert.equal(meaningOf(result), meaningOf(side), complaint())
}

function assertItemsKept(values: readonly unknown[], complaint: () => string): void {
  const [base, side, other, result] = values.map((value) =>
    (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(nameOfItem),
  ) as [string[], string[], string[], string[]]
  for (const name of side) assert.ok(base.includes(name) || result.includes(name), complaint())
  for (const name of base) {
    const isGone = !side.includes(name)
    if (isGone)
      assert.ok(
        !result.includes(name) || (other.includes(name) && !base.includes(name)),
        complaint(),
      )
  }
}

/** A comment that one side wrote behind a value is still there, also when it stood in deep. */
function assertRemarksKept(
  { base, mine, theirs }: RuleTexts,
  text: string,
  conflicts: readonly Conflict[],
  shown: () => string,
): number {
  if (conflicts.length > 0) return 0
  let checked = 0
  const isLine = (name: string) => new RegExp(`^ *'?${name}'?: [^{[|]*$`, 'm')
  for (const side of [mine, theirs]) {
    for (const [, name, remark] of side.matchAll(/^ *(title|User|every): .*(# own \d+)/gm)) {
      // In braces there is no room for a comment, and what goes takes its comment with it.
      if (![base, mine, theirs, text].every((one) => isLine(name!).test(one))) continue
      assert.ok(text.includes(remark!), `${remark}\n${text}\n${shown()}`)
      checked++
    }
  }
  return checked
}

const TAGS = ['attack.t1', 'attack.t2', 'acme', 'tlp.red', 'x', 'y']
const IMAGES = ['\\a.exe', '\\b.exe', '\\c.exe', '\\d.exe']
const LINES = ['One.', 'Two.', 'Three.', 'Four.', 'Five.']

type Data = Record<string, unknown>

function randomTriple(random: Random): readonly [RuleTexts, readonly [Data, Data, Data]] {
  const base = randomRule(random)
  const hand = Math.floor(random() * 1_000)
  // Mostly one hand writes all three; sometimes a tool printed a side anew, and only meaning is left.
  const write = (data: Data) =>
    yamlInSomeHand(data, seeded(random() < 0.8 ? hand : Math.floor(random() * 1_000)))
  const remark = (text: string) =>
    random() < 0.7
      ? text
      : text.replace(
          new RegExp(`^( *${pick(random, ['title', 'User', 'every'])}: [^#{[\\r\\n]+)`, 'm'),
          `$1 # own ${Math.floor(random() * 1_000)}`,
        )
  const [mine, theirs] = [changed(base, random), changed(base, random)]
  const texts = { base: write(base), mine: remark(write(mine)), theirs: remark(write(theirs)) }
  return [texts, [base, mine, theirs]]
}

function randomRule(random: Random): Data {
  const some = (from: readonly string[]) => from.filter(() => random() < 0.5)
  return {
    title: 'whoami',
    id: 'abc',
    description: some(LINES)
      .map((line) => `${line}\n`)
      .join(''),
    tags: some(TAGS),
    detection: {
      selection: {
        Image: random() < 0.3 ? pick(random, IMAGES) : ['\\w.exe', ...some(IMAGES)],
        User: 'SYSTEM',
      },
      condition: 'selection',
    },
    level: 'low',
    rulewright: {
      owner: 'ada',
      schedule: { every: '5m', window: '7m' },
      tests: [
        { name: 'fires', expect: 'match' },
        { name: 'silent', expect: 'no_match' },
      ],
    },
  }
}

/** A copy with one to seven edits, of few kinds so that both sides often meet. */
function changed(rule: Data, random: Random): Data {
  const copy = structuredClone(rule) as Data & {
    tags: string[]
    detection: Record<string, unknown> & { selection?: Data }
    rulewright: Data & { schedule: Data; tests: Data[] }
  }
  const listEdit = (list: unknown[], values: readonly string[]) => {
    const at = Math.floor(random() * (list.length + 1))
    const value = pick(random, values)
    if (list.includes(value)) return
    list.splice(at, random() < 0.5 ? 1 : 0, ...(random() < 0.7 ? [value] : []))
  }
  const edits: (() => void)[] = [
    () => (copy.title = pick(random, ['who', 'whoami 2', 'whoami 3'])),
    () => (copy.level = pick(random, ['low', 'high', 'critical'])),
    () => delete copy.level,
    () => (copy.status = pick(random, ['test', 'stable'])),
    () =>
      (copy.description = String(copy.description).replace(
        pick(random, LINES),
        pick(random, ['Eins.', 'Zwei.']),
      )),
    () => listEdit(copy.tags, TAGS),
    () => listEdit(copy.tags, TAGS),
    () => {
      const { selection } = copy.detection
      if (selection !== undefined && Array.isArray(selection.Image))
        listEdit(selection.Image, IMAGES)
    },
    () =>
      copy.detection.selection &&
      (copy.detection.selection.User = pick(random, ['root', ['SYSTEM', 'root']])),
    () =>
      (copy.detection[pick(random, ['filter_a', 'filter_b'])] = { Image: pick(random, IMAGES) }),
    () => (copy.detection.condition = pick(random, ['selection and not filter_a', 'selection'])),
    () => delete copy.detection.selection,
    () => (copy.rulewright.schedule.every = pick(random, ['5m', '10m', '15m'])),
    () => (copy.rulewright.group = pick(random, ['a', 'b'])),
    () =>
      copy.rulewright.tests.push({
        name: pick(random, ['third', 'fourth']),
        expect: pick(random, ['match', 'no_match']),
      }),
    () => copy.rulewright.tests.shift(),
    () => copy.rulewright.tests.reverse(),
    () =>
      copy.rulewright.tests[0] &&
      (copy.rulewright.tests[0].expect = pick(random, ['match', 'no_match'])),
  ]
  for (let count = 1 + Math.floor(random() * 7); count > 0; count--) pick(random, edits)()
  return copy
}

function nameOfItem(item: unknown): string {
  return meaningOf(isMap(item) ? item.name : item)
}

function sortedBy(conflicts: readonly Conflict[]): readonly string[] {
  return conflicts.map((conflict) => meaningOf(conflict)).toSorted()
}

/** With lists as sets, and a list of one as its item. */
function sortedMeaning(value: unknown): string {
  if (Array.isArray(value) && value.length === 1) return sortedMeaning(value[0])
  if (Array.isArray(value)) return `[${value.map(sortedMeaning).toSorted().join(',')}]`
  if (!isMap(value)) return meaningOf(value)
  return meaningOf(
    Object.fromEntries(Object.entries(value).map(([name, item]) => [name, sortedMeaning(item)])),
  )
}

function isMap(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function dataOf(text: string): unknown {
  const root = readWritten(text)
  assert.ok(root, `not readable:\n${text}`)
  return JSON.parse(root.meaning)
}
