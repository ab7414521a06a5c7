// Edits change what they name and not one byte more.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editData, editRuleText, type RuleEdit } from '#domain/rules/edit.ts'
import { meaningOf, readWritten } from '#languages/sigma/written.ts'
import { Source } from '#languages/sigma/source.ts'
import { readYaml, toData } from '#languages/sigma/yaml.ts'
import { pick, type Random, seeded, yamlInSomeHand } from '#test/support/yaml-text.ts'
import { thoroughly } from '#test/support/thorough.ts'

const RULE = `# Written by Ada
title: Whoami as system   # keep me
id: 80167ada-7a12-41ed-b8e9-aa47195c66a1
tags:
    - attack.discovery # T1033
    # - attack.execution
    - attack.t1033

logsource: {category: process_creation, product: windows}
detection:
    selection:
        Image|endswith: '\\whoami.exe'
        User|contains: "SYSTEM"
    condition: selection
level: high
`

const edited = (edit: RuleEdit, text = RULE) => editRuleText(text, [edit])

test('a value is replaced where it stands, and its comment stays', () => {
  const after = edited({ kind: 'set', path: ['title'], value: 'Who is it' })
  assert.equal(after, RULE.replace('Whoami as system', 'Who is it'))
})

test('a key that is not there is put where published rules have it', () => {
  const after = edited({ kind: 'set', path: ['status'], value: 'test' })
  assert.equal(after, RULE.replace('tags:', 'status: test\ntags:'))
})

test('maps on the way are made, and taken away when they are empty', () => {
  const path = ['rulewright', 'owner']
  const owned = edited({ kind: 'set', path, value: 'ada@acme.example' })
  assert.equal(owned, `${RULE}rulewright:\n    owner: ada@acme.example\n`)
  assert.equal(edited({ kind: 'remove', path }, owned), RULE)
})

test('tags come and go without a touch to their neighbours and comments', () => {
  const added = edited({ kind: 'addToList', path: ['tags'], value: 'tlp.green' })
  assert.equal(added, RULE.replace('t1033\n\n', 't1033\n    - tlp.green\n\n'))
  assert.equal(edited({ kind: 'addToList', path: ['tags'], value: 'tlp.green' }, added), added)
  assert.equal(edited({ kind: 'removeFromList', path: ['tags'], value: 'tlp.green' }, added), RULE)
  const without = edited({ kind: 'removeFromList', path: ['tags'], value: 'attack.discovery' })
  assert.equal(without, RULE.replace('    - attack.discovery # T1033\n', ''))
})

test('the last tag takes its list with it, and a first one makes a list', () => {
  const one = 'title: a\ntags: [only]\nlevel: low\n'
  const none = edited({ kind: 'removeFromList', path: ['tags'], value: 'only' }, one)
  assert.equal(none, 'title: a\nlevel: low\n')
  const again = edited({ kind: 'addToList', path: ['tags'], value: 'new' }, none)
  assert.equal(again, 'title: a\ntags:\n    - new\nlevel: low\n')
})

test('flow maps and lists stay on their line', () => {
  const after = editRuleText(RULE, [
    { kind: 'set', path: ['logsource', 'service'], value: 'sysmon' },
    { kind: 'remove', path: ['logsource', 'category'] },
  ])
  assert.equal(
    after,
    RULE.replace('{category: process_creation, ', '{').replace(
      'windows}',
      'windows, service: sysmon}',
    ),
  )
})

test('carriage returns stay, and new lines get them too', () => {
  const text = RULE.replaceAll('\n', '\r\n')
  const after = edited({ kind: 'addToList', path: ['tags'], value: 'new' }, text)
  assert.equal(after, text.replace('t1033\r\n\r\n', 't1033\r\n    - new\r\n\r\n'))
})

test('quoted keys are found by their name', () => {
  const text = `title: a\n"level": 'low'   # why\n`
  assert.equal(
    edited({ kind: 'set', path: ['level'], value: 'high' }, text),
    text.replace("'low'", 'high'),
  )
})

test('a text of several lines is written as one that people can read', () => {
  const after = edited({ kind: 'set', path: ['description'], value: 'One.\n\nTwo: three.\n' })
  assert.match(after, /^description: \|\n {4}One\.\n\n {4}Two: three\.$/m)
})

test('what could be read as something else is quoted', () => {
  for (const value of [
    'yes',
    '010',
    '1e3',
    'null',
    'a: b',
    'a #b',
    '',
    ' x',
    '*all',
    '2024-01-01',
    '5m',
    '-',
    "it's",
    'é\u2028',
    '.inf',
    '~',
    '0x1f',
    '1_000',
  ]) {
    const after = edited({ kind: 'set', path: ['title'], value })
    assert.equal(dataOf(after).title, value)
  }
})

test('what an anchor makes unsafe is refused by its name, what is beside it is not', () => {
  const text = 'title: a\nfields: &names [a, b]\ndetection:\n  s: {x: *names}\n  condition: s\n'
  const unsafe: RuleEdit = { kind: 'addToList', path: ['fields'], value: 'c' }
  assert.throws(
    () => edited(unsafe, text),
    /cannot be edited safely because the text uses "&names"/,
  )
  assert.equal(
    edited({ kind: 'set', path: ['title'], value: 'b' }, text),
    text.replace(': a', ': b'),
  )
  const replaced = edited({ kind: 'set', path: ['detection', 's', 'x'], value: 'z' }, text)
  assert.equal(replaced, text.replace('*names', 'z'))
})

test('a text that nobody can read is refused', () => {
  for (const text of ['', 'a: [', 'just words', 'a: 1\n---\nb: 2\n', 'a: 1\na: 2\n']) {
    assert.throws(() => edited({ kind: 'set', path: ['a'], value: 1 }, text), /correct it by hand/)
  }
})

const EDITS = thoroughly(300, 1_500)

test('random edits of texts in many hands change exactly what they say', () => {
  let edits = 0
  for (let seed = 1; seed <= EDITS; seed++) {
    const random = seeded(seed)
    const text = yamlInSomeHand(randomMap(random, 3), random)
    const before = dataOf(text)
    const edit = randomEdit(random, before)
    const wanted = editData(before, edit) ?? {}
    let after: string
    try {
      after = edited(edit, text)
    } catch (error) {
      assert.fail(`seed ${seed}: ${String(error)}\n${JSON.stringify(edit)}\n${text}`)
    }
    assert.deepEqual(dataOf(after), wanted, `seed ${seed}\n${text}`)
    if (meaningOf(before) === meaningOf(wanted)) assert.equal(after, text)
    else edits++
    assertRestStays(text, after, edit, seed)
  }
  assert.ok(edits > (EDITS * 2) / 3, `${edits} edits`)
})

/** Every top-level entry that the edit does not name is there with the very bytes it had. */
function assertRestStays(text: string, after: string, { path }: RuleEdit, seed: number): void {
  const root = readWritten(text)
  if (root?.kind !== 'map') return
  let from = 0
  for (const part of root.parts) {
    if (part.name === path[0]) continue
    const bytes = text.slice(part.start, part.end).trimEnd()
    const found = after.indexOf(bytes, from)
    assert.ok(found >= 0, `seed ${seed}: ${part.name} is not as it was\n${text}\n=>\n${after}`)
    from = found + bytes.length
  }
  for (const comment of text.slice(0, root.parts[0]?.start ?? 0).match(/#.*/g) ?? []) {
    assert.ok(after.includes(comment))
  }
}

const WORDS = ['alpha', 'beta', 'gamma', 'delta.x', '\\evil.exe', 'a: b', "it's", 'yes', '']

function randomValue(random: Random, depth: number): unknown {
  const roll = random()
  if (depth > 0 && roll < 0.25) return randomMap(random, depth - 1)
  if (depth > 0 && roll < 0.5) {
    return Array.from({ length: Math.floor(random() * 4) }, () => randomValue(random, depth - 1))
  }
  if (roll < 0.6) return Math.floor(random() * 100)
  if (roll < 0.65) return random() < 0.5
  return roll < 0.7 ? null : pick(random, WORDS)
}

function randomMap(random: Random, depth: number): Record<string, unknown> {
  const names = ['title', 'level', 'tags', 'x', 'y', 'Image|endswith'].filter(() => random() < 0.6)
  return Object.fromEntries(['id', ...names].map((name) => [name, randomValue(random, depth)]))
}

function randomEdit(random: Random, data: unknown): RuleEdit {
  const path = randomPath(random, data)
  const kind = pick(random, ['set', 'set', 'remove', 'addToList', 'removeFromList'] as const)
  if (kind === 'remove') return { kind, path }
  const old = path.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], data)
  if (kind === 'removeFromList' && Array.isArray(old) && old.length > 0) {
    return { kind, path, value: pick(random, old) as unknown }
  }
  return { kind, path, value: randomValue(random, 2) }
}

function randomPath(random: Random, data: unknown): (string | number)[] {
  const path: (string | number)[] = []
  let at: unknown = data
  while (typeof at === 'object' && at !== null && (path.length === 0 || random() < 0.6)) {
    const steps = Array.isArray(at) ? [...at.keys()] : Object.keys(at)
    const isNew = !Array.isArray(at) && random() < 0.2
    if (steps.length === 0 && !isNew) break
    const step = isNew ? 'fresh' : pick<string | number>(random, steps)
    path.push(step)
    at = (at as Record<string | number, unknown>)[step]
  }
  return path
}

function dataOf(text: string): Record<string, unknown> {
  const source = new Source(text)
  const root = readYaml(source)[0]?.root
  assert.deepEqual(source.problems, [], text)
  return toData(root!) as Record<string, unknown>
}
