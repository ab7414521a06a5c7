// docs/roles.md says what the table of permissions says. RECORD=1 rewrites it.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { ROLES, VERBS, verbsOf, type Verb } from '#domain/access/permission.ts'

const FILE = path.resolve(import.meta.dirname, '../../docs/roles.md')
const MARK = '<!-- made from the table of permissions -->\n'

const HOLDERS = [
  ...ROLES.map((role) => [role, verbsOf(role)] as const),
  ...(['approver', 'auditor', 'owner'] as const).map(
    (flag) => [flag, verbsOf(null, [flag])] as const,
  ),
]

test('docs/roles.md lists every verb with who holds it', () => {
  const [before] = readFileSync(FILE, 'utf8').split(MARK)
  const made = `${before}${MARK}\n${table()}`
  if (process.env['RECORD'] === '1') writeFileSync(FILE, made)
  assert.equal(readFileSync(FILE, 'utf8'), made, 'run RECORD=1 npm test -- test/domain/roles')
})

test('an owner of the instance holds nothing in a workspace they are not in', () => {
  const ofOwner = verbsOf(null, ['owner'])
  const ofWorkspace: readonly Verb[] = [
    'workspace.read',
    'policy.change',
    'member.add',
    'token.add',
  ]
  for (const verb of ofWorkspace) assert.ok(!ofOwner.has(verb), verb)
})

test('each role holds what the next one down holds', () => {
  const ladder = ROLES.map((role) => verbsOf(role))
  for (const [index, lower] of ladder.entries()) {
    const higher = ladder[index - 1]
    for (const verb of higher ? lower : []) assert.ok(higher!.has(verb), verb)
  }
})

function table(): string {
  const rows = [...VERBS]
    .toSorted()
    .map((verb) => [`\`${verb}\``, ...HOLDERS.map(([, verbs]) => (verbs.has(verb) ? '✓' : ''))])
  const head = ['verb', ...HOLDERS.map(([name]) => name)]
  const rule = head.map(() => '---')
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}
