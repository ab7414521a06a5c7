// What tags mean in ATT&CK, what to write in place of old ones, the search of the picker, and layers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { embeddedAttack } from '#languages/attack/attack.ts'
import { navigatorLayer } from '#languages/attack/navigator.ts'
import { searchAttack } from '#languages/attack/search.ts'
import { currentOf, fixTags, readTags } from '#languages/attack/tags.ts'

const attack = embeddedAttack()

test('tags are tactics in the order of the matrix, techniques by full name, and strangers', () => {
  const { tactics, techniques, unknown } = readTags(
    [
      'attack.T1059.001',
      'attack.ta0003',
      'attack.execution',
      'cve.2024-1',
      'attack.g0007',
      'attack.t9999',
    ],
    attack,
  )
  assert.deepEqual(
    tactics.map(({ tag, tactic }) => [tag, tactic.name]),
    [
      ['attack.execution', 'Execution'],
      ['attack.persistence', 'Persistence'],
    ],
  )
  const [only] = techniques
  assert.equal(techniques.length, 1)
  assert.equal(only?.name, 'Command and Scripting Interpreter: PowerShell')
  assert.equal(only?.url, 'https://attack.mitre.org/techniques/T1059/001/')
  assert.deepEqual(unknown, ['attack.t9999'])
})

test('a revoked technique is written as its successor, once', () => {
  const [fix] = fixTags(['attack.T1086'], attack)
  assert.deepEqual(
    [fix?.tag, fix?.instead, fix?.isSure],
    ['attack.T1086', ['attack.t1059.001'], true],
  )
  assert.match(fix!.why, /^T1086 PowerShell is T1059\.001 .* now\.$/)
  const [removed] = fixTags(['attack.t1086', 'attack.t1059.001'], attack)
  assert.deepEqual(removed?.instead, [])
  assert.deepEqual(fixTags(['attack.t1059', 'attack.t1064', 'tlp.red'], attack), [])
})

test('every revoked technique has a successor that is in force, or none', () => {
  for (const technique of attack.techniques.values()) {
    const current = currentOf(technique, attack)
    assert.equal(current?.revokedBy, undefined)
    if (technique.revokedBy === undefined && !technique.isDeprecated) {
      assert.equal(current, technique)
    }
  }
})

test('a divided tactic is written as the one that the techniques serve; else a person chooses', () => {
  const stealth = [...attack.techniques.values()].find(
    (one) => one.tactics.join() === 'stealth' && !one.revokedBy && !one.isDeprecated,
  )
  assert.ok(stealth)
  const tags = ['attack.defense-evasion', `attack.${stealth.id.toLowerCase()}`]
  const [sure] = fixTags(tags, attack)
  assert.deepEqual([sure?.instead, sure?.isSure], [['attack.stealth'], true])
  const [open] = fixTags(['attack.defense-evasion'], attack)
  assert.deepEqual(open?.instead, ['attack.stealth', 'attack.defense-impairment'])
  assert.equal(open?.isSure, false)
})

const idsOf = (question: string, limit = 5) =>
  searchAttack(attack, question, limit).map(({ id }) => id)

test('the picker finds by id, by name, by tactic, and by what something was called', () => {
  assert.deepEqual(idsOf('t1059.001', 1), ['T1059.001'])
  assert.equal(idsOf('attack.T1059')[0], 'T1059')
  assert.ok(idsOf('T1059').every((id) => id.startsWith('T1059')))
  assert.equal(idsOf('powershell')[0], 'T1059.001')
  assert.equal(idsOf('execution')[0], 'TA0002')
  assert.equal(idsOf('ta0004')[0], 'TA0004')
  assert.ok(idsOf('command scripting python', 3).includes('T1059.006'))
  const [successor] = searchAttack(attack, 'T1086', 3)
  assert.deepEqual([successor?.id, successor?.formerly], ['T1059.001', 'T1086'])
  assert.deepEqual(idsOf('  '), [])
  assert.deepEqual(idsOf('no such thing at all'), [])
  assert.equal(new Set(idsOf('e', 50)).size, 50)
})

test('a layer scores what is in force, adds up what was revoked, and leaves out strangers', () => {
  const scores = new Map([
    ['T1059.001', { score: 2, comment: 'two rules' }],
    ['T1086', { score: 1 }],
    ['T9999', { score: 7 }],
    ['T1064', { score: 7 }],
  ])
  const layer = navigatorLayer(attack, scores, { name: 'Acme', description: '', scoreMax: 0 })
  assert.deepEqual(layer, {
    ...layer,
    name: 'Acme',
    domain: 'enterprise-attack',
    techniques: [{ techniqueID: 'T1059.001', score: 3, enabled: true, comment: 'two rules' }],
    gradient: { colors: ['#ffffff', '#66b1ff'], minValue: 0, maxValue: 1 },
  })
})
