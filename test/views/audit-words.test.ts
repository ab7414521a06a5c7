// Every act that the product records, and every verb that can be refused, has words on the audit page;
// and no words stand there for what nothing does.

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { VERBS } from '#domain/access/permission.ts'
import { describeAction, KNOWN_ACTS } from '#views/audit/words.ts'

const root = path.resolve(import.meta.dirname, '../..')

const source = textOf(['src/app.ts', 'src/{domain,http,platform}/**/*.{ts,tsx}'])

function textOf(files: string[]): string {
  return globSync(files, { cwd: root })
    .filter((file) => !file.endsWith('access/permission.ts'))
    .map((file) => readFileSync(path.join(root, file), 'utf8'))
    .join('\n')
}

/** As `action: 'user.add'`, as the last argument of a call that records, and by the factor's name. */
function recordedActs(): ReadonlySet<string> {
  const named = source.matchAll(/(?:\baction:|_ACTION =) '([a-z]+\.[a-z_]+)'/g)
  const handed = source.matchAll(/(?:save|write)\([^()]*(?:\{[^{}]*\})?, '([a-z]+\.[a-z_]+)'\)/g)
  const chosen = source.matchAll(/action[:=\s].* \? '([a-z]+\.[a-z_]+)' : '([a-z]+\.[a-z_]+)'/g)
  // A change tells of itself by what was done with it, and by how it went.
  const ofChanges = [
    ...Array.from(
      textOf(['src/domain/changes/*.ts']).matchAll(/\bwhat: '([a-z_]+)'/g),
      ([, what]) => what!,
    ),
    ...['deployed', 'failed', 'rolled_back'].map((outcome) => `settle_${outcome}`),
    ...['hotfix', 'breakglass'].map((kind) => `deploy_${kind}`),
  ].map((what) => `change.${what}`)
  const ofFactors = ['totp', 'passkey'].flatMap((kind) => [`${kind}.add`, `${kind}.remove`])
  return new Set([
    ...[...named, ...handed, ...chosen].flatMap((found) => found.slice(1)),
    ...ofFactors,
    ...ofChanges,
  ])
}

test('every recorded act is shown in words', () => {
  const acts = recordedActs()
  assert.ok(acts.size > 20, 'the premise')
  for (const act of ['user.suspend', 'user.make_owner']) assert.ok(acts.has(act), act)
  const bare = [...acts].filter((act) => describeAction(act, 'done') === act)
  assert.deepEqual(bare, [], 'add them to views/audit/words.ts')
})

test('every verb that can be refused is shown in words', () => {
  const bare = VERBS.filter((verb) => describeAction(verb, 'refused') === `Refused: ${verb}`)
  assert.deepEqual(bare, [], 'add them to views/audit/words.ts')
})

test('no words stand for what nothing does', () => {
  const acts = recordedActs()
  const idle = KNOWN_ACTS.filter(
    (act) => !acts.has(act) && !VERBS.some((verb) => verb === act) && !source.includes(`'${act}'`),
  )
  assert.deepEqual(idle, [])
})
