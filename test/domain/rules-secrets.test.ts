// Secrets in rule texts: found, masked, waived; and what rules say about secrets is none.

import assert from 'node:assert/strict'
import test from 'node:test'
import { findSecrets } from '#domain/rules/secrets.ts'
import { readCorpus } from '#test/support/corpora.ts'

// Put together here, so that no scanner takes them for real.
const SECRETS = [
  `Authorization: Bearer |eyJhbGciOiJIUzI1NiJ9|.|eyJzdWIiOiJhIn0|.|abcDEF123456ghiJKL|`,
  `aws_access_key_id: |AKIA|Q3EGR7T5XW2MVB6N|`,
  `curl -H "X-Api-Key: |f3Kq8Zt1|Lw0xRb7Yc2Mn|"`,
  `link: https://ravi:|Tr0ub4dor|Zx81|@siem.example/api`,
  `password=|hR7kQ2vX|9pLm4TzB|`,
  `token: |9f86d081884c7d659a2f|eaa0c55ad015a3bf4f1b|`,
  `gh|p_|R8sKd93jfLwPq02mVnXz71Tb|`,
  `-----BEGIN RSA PRIVATE KEY-----\n|MIIEowIBAAKCAQEAx7Vb3kT9|q0ZlR5wYc8PdJtKe|`,
].map((one) => one.replaceAll('|', ''))
const HARMLESS = [
  "CommandLine|contains: '--password='",
  "CommandLine|re: 'token=[A-Za-z0-9]{20,}'",
  "keywords: ['-----BEGIN RSA PRIVATE KEY-----', 'password: *']",
  'description: Detects the export of secret_access_key_material_v2',
  'references: [https://docs.example/api/tokens/access-token-lifetime-2024]',
  'User|contains: http://user:password@host',
  'password: xxxxxxxxxxxxxxxx1',
  'Hashes|contains: SHA256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'id: 80167ada-7a12-41ed-b8e9-aa47195c66a1',
]

test('a secret is found at its place and told without itself', () => {
  for (const secret of SECRETS) {
    const [problem] = findSecrets(`title: x\n${secret}\n`)
    assert.ok(problem, secret)
    assert.equal(problem.code, 'rule/secret')
    assert.ok(problem.line! >= 2)
    const told = JSON.stringify(problem)
    const words = secret.split(/[\s"':=@]+/).filter((word) => word.length >= 16)
    for (const word of words.slice(-1)) assert.ok(!told.includes(word), told)
  }
})

test('what rules say about secrets is none', () => {
  for (const text of HARMLESS) assert.deepEqual(findSecrets(text), [], text)
})

test('a waiver with a reason keeps a text that only looks like it', () => {
  const text = `title: x\n${SECRETS[4]}`
  assert.equal(findSecrets(`${text} # rulewright-ignore rule/secret\n`).length, 1, 'no reason')
  assert.equal(findSecrets(`${text} # rulewright-ignore rule/secret: of a sample\n`).length, 0)
})

test('published rules have none, and the lines that hold one are known by it', () => {
  const rules = readCorpus<{ id: string; yaml: string }>('sigma/rules.jsonl.gz')
  const found = rules.flatMap(({ id, yaml }) =>
    findSecrets(yaml).map(({ message }) => [id, message]),
  )
  assert.deepEqual(found, [])
  const lines = readCorpus<{ kind: string; line: string; typed_only?: boolean }>(
    'hostile/secrets_scrub.jsonl.gz',
  ).filter(({ line }) => typeof line === 'string')
  const missed = lines.filter(
    ({ kind, line }) => kind !== 'control' && findSecrets(line).length === 0,
  )
  const controls = lines.filter(
    ({ kind, line }) => kind === 'control' && findSecrets(line).length > 0,
  )
  assert.deepEqual(
    controls.map(({ line }) => line),
    [],
  )
  assert.ok(
    missed.length <= 0.1 * lines.length,
    missed.map(({ kind, line }) => `${kind}: ${line}`).join('\n'),
  )
})
