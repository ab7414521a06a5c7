import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { canonicalJson, type Json as Canonical } from '#kernel/json.ts'
import {
  CHAIN_START,
  commit,
  entryJson,
  leafHash,
  leafText,
  nextChain,
  type Entry,
} from '#platform/audit/chain.ts'
import { openCheckpoint, signCheckpoint } from '#platform/audit/checkpoint.ts'
import {
  appendLeaf,
  consistencyProof,
  decodeFrontier,
  EMPTY_FRONTIER,
  encodeFrontier,
  frontierRoot,
  inclusionProof,
  isConsistent,
  isIncluded,
  subtreesAfter,
  type Frontier,
} from '#platform/audit/merkle.ts'
import { keys } from '#test/support/database.ts'

const verifyKey = keys.verifyKeys[0]!.key
const macKey = keys.macKeys[0]!.key
const signing = { signKey: keys.signKey, verifyKey }

// Written from RFC 6962 section 2.1 alone, on hex strings, without a line of ours.
const sha = (...hex: string[]) =>
  createHash('sha256')
    .update(Buffer.from(hex.join(''), 'hex'))
    .digest('hex')
const k = (n: number) => {
  let p = 1
  while (p * 2 < n) p *= 2
  return p
}
const mth = (d: string[]): string =>
  d.length === 0
    ? sha('')
    : d.length === 1
      ? sha('00', d[0]!)
      : sha('01', mth(d.slice(0, k(d.length))), mth(d.slice(k(d.length))))
const path = (m: number, d: string[]): string[] =>
  d.length === 1
    ? []
    : m < k(d.length)
      ? [...path(m, d.slice(0, k(d.length))), mth(d.slice(k(d.length)))]
      : [...path(m - k(d.length), d.slice(k(d.length))), mth(d.slice(0, k(d.length)))]
const subproof = (m: number, d: string[], b: boolean): string[] =>
  m === d.length
    ? b
      ? []
      : [mth(d)]
    : m <= k(d.length)
      ? [...subproof(m, d.slice(0, k(d.length)), b), mth(d.slice(k(d.length)))]
      : [...subproof(m - k(d.length), d.slice(k(d.length)), false), mth(d.slice(0, k(d.length)))]

// The data and roots of Certificate Transparency's own reference tests.
const KNOWN = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const KNOWN_ROOTS: Record<number, string> = {
  0: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  1: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  8: '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
}

const hex = (buffers: Buffer[]) => buffers.map((buffer) => buffer.toString('hex'))
const leafOf = (data: string) => Buffer.from(sha('00', data), 'hex')
const frontierOf = (data: string[]) =>
  data.reduce<Frontier>((frontier, item) => appendLeaf(frontier, leafOf(item)), EMPTY_FRONTIER)

test('roots agree with the known ones and with a naive RFC 6962 for every size to 70', () => {
  for (const [size, root] of Object.entries(KNOWN_ROOTS)) {
    assert.equal(mth(KNOWN.slice(0, Number(size))), root, 'the premise: the naive one is right')
    assert.equal(frontierRoot(frontierOf(KNOWN.slice(0, Number(size)))).toString('hex'), root)
  }
  const data = Array.from({ length: 70 }, (_, i) => sha(i.toString(16).padStart(4, '0')))
  for (let n = 0; n <= 70; n++) {
    const frontier = frontierOf(data.slice(0, n))
    assert.equal(frontierRoot(frontier).toString('hex'), mth(data.slice(0, n)))
    assert.deepEqual(decodeFrontier(n, encodeFrontier(frontier)), frontier)
  }
})

test('proofs equal the naive ones, verify, and fail when anything is changed; also after a cut', () => {
  const data = Array.from({ length: 40 }, (_, i) => sha(i.toString(16).padStart(4, '0')))
  for (let n = 1; n <= 40; n++) {
    const tree = data.slice(0, n)
    const root = frontierRoot(frontierOf(tree))
    const cut = Math.floor(n / 3)
    const subtree = subtreesAfter(frontierOf(tree.slice(0, cut)), (index) => leafOf(tree[index]!))
    for (let index = cut; index < n; index++) {
      const proof = inclusionProof(index, n, subtree)
      assert.deepEqual(hex(proof), path(index, tree))
      const claim = { index, size: n, leaf: leafOf(tree[index]!), proof, root }
      assert.ok(isIncluded(claim))
      assert.ok(!isIncluded({ ...claim, leaf: leafOf('ff') }))
      assert.ok(!isIncluded({ ...claim, proof: [...proof, root] }))
      if (n > 1) assert.ok(!isIncluded({ ...claim, proof: proof.slice(1) }))
      if (n > 1) assert.ok(!isIncluded({ ...claim, index: (index + 1) % n }))
    }
    for (let old = Math.max(1, cut); old <= n; old++) {
      const proof = consistencyProof(old, n, subtree)
      assert.deepEqual(hex(proof), subproof(old, tree, true))
      const claim = {
        oldSize: old,
        oldRoot: frontierRoot(frontierOf(tree.slice(0, old))),
        size: n,
        root,
        proof,
      }
      assert.ok(isConsistent(claim))
      assert.ok(!isConsistent({ ...claim, oldRoot: leafOf('ff') }))
      assert.ok(!isConsistent({ ...claim, root: leafOf('ff') }))
      if (proof.length > 0) assert.ok(!isConsistent({ ...claim, proof: proof.slice(0, -1) }))
    }
  }
})

test('the JSON of an entry sorts by UTF-16 code units and refuses what languages disagree on', () => {
  const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, ö: 7 }
  assert.equal(entryJson(value), '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}')
  for (const bad of [
    1.5,
    { deep: [1e21] },
    NaN,
    2 ** 53,
    '\ud800',
    undefined,
    () => 1,
    new Date(0),
    { a: undefined },
    new Map(),
  ]) {
    assert.throws(() => entryJson(bad as Canonical), { name: 'Bug' }, String(bad))
  }
  const sample = { b: [true, null, { z: '\u2028', a: -5 }], a: '"\\\u0001' }
  assert.deepEqual(JSON.parse(entryJson(sample)), sample)
})

test('the vectors hold: entry format, chain and checkpoint have not moved', () => {
  const vectors = JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8'))
  let chain = CHAIN_START
  let frontier = EMPTY_FRONTIER
  for (const vector of vectors.entries) {
    const commitment =
      vector.salt === null ? null : commit(Buffer.from(vector.salt, 'hex'), vector.personal)
    assert.equal(commitment?.toString('hex') ?? null, vector.commitment)
    const entry: Entry = { ...vector.entry, commitment }
    const leaf = leafHash(entry)
    chain = nextChain(macKey, chain, leaf)
    frontier = appendLeaf(frontier, leaf)
    assert.equal(leafText(entry), vector.leafText)
    // The hand-written text is what canonical JSON of the same members gives.
    const { data, ...rest } = vector.entry
    assert.equal(
      canonicalJson({ ...rest, data: JSON.parse(data), personal: vector.commitment }),
      vector.leafText,
    )
    assert.equal(leaf.toString('hex'), vector.leaf)
    assert.equal(chain.toString('hex'), vector.chain)
    assert.equal(frontierRoot(frontier).toString('hex'), vector.root)
  }
  assert.equal(
    signCheckpoint(
      { origin: keys.origin, size: frontier.size, root: frontierRoot(frontier) },
      signing,
    ),
    vectors.checkpoint,
  )
})

test('a checkpoint opens with its key and origin only, byte for byte', () => {
  const root = Buffer.alloc(32, 9)
  const note = signCheckpoint({ origin: keys.origin, size: 7, root }, signing)
  const open = (text: string) => openCheckpoint(text, keys.origin, verifyKey)
  assert.deepEqual(open(note), { origin: keys.origin, size: 7, root })
  assert.ok(
    open(`${note}— witness.example/w ${Buffer.alloc(76).toString('base64')}\n`),
    'a witness may add its line',
  )
  for (const bad of [
    '',
    '\n\n',
    note.slice(0, -1),
    `${note}\n`,
    note.replace('\n7\n', '\n8\n'),
    note.replace('\n7\n', '\n07\n'),
    note.replace('— ', '- '),
    note.replace(/.{7}=\n$/, 'AAAAAAA=\n'),
  ]) {
    assert.equal(open(bad), undefined, JSON.stringify(bad))
  }
  assert.equal(openCheckpoint(note, 'other.example/log', verifyKey), undefined)
  const stranger = generateKeyPairSync('ed25519').publicKey
  assert.equal(
    openCheckpoint(
      note,
      keys.origin,
      createPublicKey(stranger.export({ format: 'pem', type: 'spki' })),
    ),
    undefined,
  )
})
