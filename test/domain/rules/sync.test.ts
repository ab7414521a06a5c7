// What a folder and a workspace have to tell each other, decided from texts and hashes alone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinDocuments, splitDocuments } from '#domain/rules/files/documents.ts'
import { type FiledRule, groupOfPath, pathOf } from '#domain/rules/files/folder.ts'
import {
  type Identity,
  keyOf,
  type LocalDocument,
  type LockEntry,
  planSync,
  type SyncState,
} from '#domain/rules/files/sync.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { RuleId } from '#kernel/id.ts'
import { pick, seeded } from '#test/support/yaml-text.ts'

const rul = (name: string) => `rul_${name}` as RuleId
const identify = (text: string): Identity => ({
  sigmaId: /id: (\w+)/.exec(text)?.[1] ?? null,
  title: /title: (\w+)/.exec(text)?.[1] ?? null,
})

function doc(text: string, path = 'a.yml', document = 0): LocalDocument {
  return { path, document, text, hash: sha256Hex(text) }
}

function rule(text: string, more: Partial<FiledRule> = {}): FiledRule {
  const { sigmaId, title } = identify(text)
  const id = rul(sigmaId ?? title ?? 'x')
  const known = { id, version: 2, contentHash: sha256Hex(text), sigmaId, title: title ?? '' }
  return { ...known, group: null, file: null, ...more }
}

function entry(id: RuleId, text: string, version = 1): LockEntry {
  return { rule: id, version, hash: sha256Hex(text) }
}

function states(
  local: readonly LocalDocument[],
  remote: readonly FiledRule[],
  lock: readonly (readonly [string, LockEntry])[] = [],
): readonly SyncState[] {
  const plan = planSync({ local, remote, lock: new Map(lock), identify })
  return plan.documents.map(({ state }) => state)
}

const OLD = 'id: one\nv: 1'
const MINE = 'id: one\nv: mine'
const THEIRS = 'id: one\nv: theirs'

test('who changed a document follows from the hashes of three sides', () => {
  const lock = [['a.yml#0', entry(rul('one'), OLD)]] as const
  assert.deepEqual(states([doc(OLD)], [rule(OLD)], lock), ['same'])
  assert.deepEqual(states([doc(MINE)], [rule(OLD)], lock), ['ahead'])
  assert.deepEqual(states([doc(OLD)], [rule(THEIRS)], lock), ['behind'])
  assert.deepEqual(states([doc(MINE)], [rule(THEIRS)], lock), ['both'])
  assert.deepEqual(states([doc(MINE)], [rule(MINE)], lock), ['same'])
  assert.deepEqual(states([doc(MINE)], []), ['new'])
  assert.deepEqual(states([doc(OLD)], [], lock), ['removed'])
})

test('a clone without a lock file gets the answer that the last push left behind', () => {
  const file = { path: 'a.yml', document: 0, version: 1, contentHash: sha256Hex(OLD) }
  assert.deepEqual(states([doc(MINE)], [rule(OLD, { file })]), ['ahead'])
  assert.deepEqual(states([doc(OLD)], [rule(THEIRS, { file })]), ['behind'])
  assert.deepEqual(states([doc(MINE)], [rule(THEIRS, { file })]), ['both'])
  // Nobody knows since when they differ, so a person decides.
  assert.deepEqual(states([doc(MINE)], [rule(THEIRS)]), ['both'])
})

test('the Sigma id says which rule it is, wherever the file stands', () => {
  const lock = [['old/place.yml#0', entry(rul('one'), OLD)]] as const
  assert.deepEqual(states([doc(MINE, 'new/place.yml')], [rule(OLD)], lock), ['ahead'])
})

test('without an id the lock file says it, then a renamed text, then path and title', () => {
  const text = 'title: nameless\nv: 1'
  const there = rule(text, { id: rul('n') })
  const lock = [['a.yml#0', entry(rul('n'), text)]] as const
  assert.deepEqual(states([doc(`${text}23`)], [there], lock), ['ahead'])
  assert.deepEqual(states([doc(text, 'moved.yml')], [there], lock), ['same'])
  const file = { path: 'a.yml', document: 0, version: 2, contentHash: there.contentHash }
  assert.deepEqual(states([doc(`${text}23`)], [{ ...there, file }]), ['ahead'])
  assert.deepEqual(states([doc('title: other\nv: 1')], [{ ...there, file }]), ['new'])
})

test('a copy of a rule without an id is a rule of its own', () => {
  const text = 'title: nameless'
  const there = rule(text, { id: rul('n') })
  const lock = [['a.yml#0', entry(rul('n'), text)]] as const
  assert.deepEqual(states([doc(text), doc(text, 'copy.yml')], [there], lock), ['same', 'new'])
})

test('an id that is used twice stops both documents, and no other', () => {
  const locals = [doc(OLD), doc(MINE, 'b.yml'), doc('id: two', 'c.yml')]
  assert.deepEqual(states(locals, []), ['repeated', 'repeated', 'new'])
  const lock = [['a.yml#0', entry(rul('one'), OLD)]] as const
  assert.deepEqual(states(locals, [rule(OLD)], lock), ['repeated', 'repeated', 'new'])
})

test('the order of files and rules decides nothing', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seeded(seed)
    const texts = ['id: one\nv: ', 'id: two\nv: ', 'title: three\nv: ', 'title: four\nv: ']
    const version = (text: string) => text + pick(random, ['1', '2', '3'])
    const local = texts.flatMap((text, at) =>
      random() < 0.8 ? [doc(version(text), pick(random, [`${at}.yml`, `${at}x.yml`]))] : [],
    )
    const remote = texts.flatMap((text) => (random() < 0.8 ? [rule(version(text))] : []))
    const lock = texts.flatMap((text, at) => {
      const { id } = rule(text)
      return random() < 0.6 ? [[`${at}.yml#0`, entry(id, version(text))] as const] : []
    })
    const plan = (order: <T>(list: readonly T[]) => readonly T[]) => {
      const input = { local: order(local), remote: order(remote), lock: new Map(order(lock)) }
      const { documents } = planSync({ ...input, identify })
      return documents.map((one) => `${keyOf(one.local)} ${one.state} ${one.rule?.id}`).toSorted()
    }
    assert.deepEqual(
      plan((list) => list.toReversed()),
      plan((list) => list),
    )
  }
})

test('a file is cut into documents that are the file again', () => {
  const texts = [
    'title: a\n',
    '---\ntitle: a\n',
    'title: a\n---\ntitle: b\n',
    '# head\n---\ntitle: a\n---\n# b\ntitle: b\n--- # c\ntitle: c',
    'title: a\r\n---\r\ntitle: b\r\n',
    'description: |\n  x\n  ---\n  y\ntitle: a\n',
    'broken: [\n---\nb: 1\n',
  ]
  for (const text of texts) assert.equal(joinDocuments(splitDocuments(text)), text)
  assert.deepEqual(
    splitDocuments(texts[2]!).map((one) => one.text),
    ['title: a\n', 'title: b\n'],
  )
  assert.equal(splitDocuments(texts[5]!).length, 1)
})

test('folders are groups, and a rule finds a place of its own in the folder of its group', () => {
  assert.equal(groupOfPath('Windows/End Point/a.yml'), 'windows-end-point')
  assert.equal(groupOfPath('a.yml'), null)
  assert.equal(groupOfPath('groups/windows-endpoint/a.yml'), 'windows-endpoint', 'as exported')
  const place = { group: 'web', title: '../Über "x"\u202e' }
  assert.equal(pathOf(place, new Set()), 'web/uber-x.yml')
  assert.equal(pathOf(place, new Set(['web/uber-x.yml'])), 'web/uber-x-2.yml')
  assert.equal(pathOf({ group: null, title: '???' }, new Set()), 'rule.yml')
})
