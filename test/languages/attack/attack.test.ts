import assert from 'node:assert/strict'
import { test } from 'node:test'
import { embeddedAttack, readTable, writeTable } from '#languages/attack/attack.ts'
import { readStix, readStixTable } from '#languages/attack/stix.ts'

test('the embedded version knows techniques, their tactics and what became of them', () => {
  const { techniques, tactics, version } = embeddedAttack()
  assert.match(version, /^\d+\.\d+$/)
  assert.ok(techniques.size > 800)
  assert.equal([...tactics.values()].filter(({ id }) => id !== undefined).length, 15)
  const powershell = techniques.get('t1059.001')
  assert.equal(powershell?.name, 'PowerShell')
  assert.deepEqual(powershell?.tactics, ['execution'])
  assert.ok(powershell?.platforms.includes('Windows'))
  assert.equal(techniques.get('t1086')?.revokedBy, 'T1059.001')
  assert.equal(techniques.get('t1064')?.isDeprecated, true)
  assert.equal(tactics.get('privilege-escalation')?.id, 'TA0004')
})

test('every tactic and successor a technique names is in the table', () => {
  const { techniques, tactics } = embeddedAttack()
  for (const { id, tactics: own, revokedBy, name } of techniques.values()) {
    assert.match(id, /^T\d{4}(\.\d{3})?$/)
    assert.ok(name.length > 1, id)
    for (const tactic of own) assert.ok(tactics.has(tactic), `${id} ${tactic}`)
    if (revokedBy) assert.ok(techniques.has(revokedBy.toLowerCase()), `${id} ${revokedBy}`)
  }
})

test('a table written is the table read', () => {
  const attack = embeddedAttack()
  assert.deepEqual(readTable(writeTable(attack)), attack)
})

const pattern = (id: string, fields: object) => ({
  type: 'attack-pattern',
  id: `attack-pattern--${id}`,
  name: `Technique ${id}`,
  external_references: [{ source_name: 'mitre-attack', external_id: id }],
  kill_chain_phases: [{ kill_chain_name: 'mitre-attack', phase_name: 'execution' }],
  x_mitre_platforms: ['Windows', 'Linux'],
  ...fields,
})

const tactic = (id: string, shortName: string) => ({
  type: 'x-mitre-tactic',
  id: `x-mitre-tactic--${id}`,
  name: 'A tactic',
  x_mitre_shortname: shortName,
  external_references: [{ source_name: 'mitre-attack', external_id: id }],
})

test('a STIX bundle is read: matrix order, successors, deprecation, former tactics', () => {
  const evasion = [{ kill_chain_name: 'mitre-attack', phase_name: 'defense-evasion' }]
  const { attack, problems } = readStix({
    type: 'bundle',
    objects: [
      { type: 'x-mitre-collection', x_mitre_version: '19.1' },
      tactic('TA0002', 'execution'),
      tactic('TA0001', 'initial-access'),
      {
        type: 'x-mitre-matrix',
        tactic_refs: ['x-mitre-tactic--TA0001', 'x-mitre-tactic--TA0002'],
      },
      pattern('T1059', {}),
      pattern('T1086', { revoked: true, kill_chain_phases: evasion }),
      pattern('T1064', { x_mitre_deprecated: true }),
      {
        type: 'relationship',
        relationship_type: 'revoked-by',
        source_ref: 'attack-pattern--T1086',
        target_ref: 'attack-pattern--T1059',
      },
      { type: 'malware', id: 'malware--1' },
    ],
  })
  assert.deepEqual(problems, [])
  assert.equal(attack?.version, '19.1')
  assert.deepEqual(
    [...attack.tactics.values()].map(({ id, shortName, name }) => [id, shortName, name]),
    [
      ['TA0001', 'initial-access', 'A tactic'],
      ['TA0002', 'execution', 'A tactic'],
      [undefined, 'defense-evasion', 'Defense Evasion'],
    ],
  )
  assert.equal(attack.techniques.get('t1086')?.revokedBy, 'T1059')
  assert.equal(attack.techniques.get('t1064')?.isDeprecated, true)
  assert.deepEqual(attack.techniques.get('t1059')?.platforms, ['Windows', 'Linux'])
})

test('what is no bundle of techniques is refused with a reason', () => {
  const codes = (bundle: unknown) => readStix(bundle).problems.map(({ code }) => code)
  for (const bundle of [null, 7, [], {}, { type: 'bundle' }, { type: 'bundle', objects: [1] }]) {
    assert.deepEqual(codes(bundle), ['attack/not-a-bundle'])
  }
  const nameless = { type: 'bundle', objects: [pattern('X1', {}), 'text', null] }
  assert.deepEqual(codes(nameless), ['attack/technique-without-id', 'attack/no-techniques'])
})

const bundle = (...objects: readonly object[]) => ({ type: 'bundle', objects })

test('a bundle that is kept becomes a table; what no table can say is refused by name', () => {
  const good = bundle(tactic('TA0002', 'execution'), pattern('T1059', {}))
  const { table, problems } = readStixTable(good)
  assert.deepEqual(problems, [])
  assert.equal(readTable(table!).techniques.get('t1059')?.name, 'Technique T1059')
  const refusals = [
    [bundle(), 'attack/not-a-bundle'],
    [{ techniques: [] }, 'attack/not-a-bundle'],
    [bundle(tactic('TA0002', 'execution')), 'attack/no-techniques'],
    [bundle(pattern('T1059', {})), 'attack/no-tactics'],
    [bundle(tactic('TA0002', 'execution'), pattern('X1', {})), 'attack/technique-without-id'],
    [
      bundle(tactic('TA0002', 'execution'), pattern('T1059', { x_mitre_domains: ['ics-attack'] })),
      'attack/other-domain',
    ],
    [
      bundle(tactic('TA0002', 'execution'), pattern('T1059', { name: 'two\nlines' })),
      'attack/odd-names',
    ],
    [
      bundle(tactic('TA0002', 'execution'), pattern('T1059', { name: '>T1 x' })),
      'attack/odd-names',
    ],
  ] as const
  for (const [given, code] of refusals) {
    const refused = readStixTable(given)
    assert.equal(refused.table, undefined, code)
    assert.equal(
      refused.problems.some((problem) => problem.code === code),
      true,
      code,
    )
  }
})

test('where a withdrawn technique and one in force bear the same id, the latter counts', () => {
  const own = [pattern('T1059', { name: 'Now' }), pattern('T1059', { name: 'Then', revoked: true })]
  for (const objects of [own, own.toReversed()]) {
    const { table } = readStixTable(bundle(tactic('TA0002', 'execution'), ...objects))
    assert.equal(readTable(table!).techniques.get('t1059')?.name, 'Now')
  }
})
