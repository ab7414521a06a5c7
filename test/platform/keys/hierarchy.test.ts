import assert from 'node:assert/strict'
import test from 'node:test'
import { deriveKeys, PURPOSES, rowMac, type Purpose } from '#platform/keys/hierarchy.ts'

// Computed by a separate program (RFC 5869 over the purpose strings). They must never change.
const VECTORS: Readonly<Record<Purpose, string>> = {
  credentials: '638265d8f6f95c6c7d8b40822a735e2f8ecf07049d1d8325ab770862ebed0a75',
  config: '91c19b6df19ca3128e464867f0abe955cc662c87f0d5e554fe2abd649078f8a7',
  'audit-sign-wrap': 'bd164e13e5e9d4b6aa9fced74f44dd00b7826df29c1d3ce333e2e0716030c3f3',
  'audit-mac': 'f068f8699d0bdb552eaeb0bf8279ae7dce37e31d13ca02fdb80278f90227d0e1',
  'token-pepper': '85394bb1231557f01f71a189080e2d46d7dce7ac854f28eb41d5cee2b4c7f57c',
  'row-mac': '2cf3db0bb3768afd011a227a2429c5b4f0981a396d1a9c345f6678dc61ac0343',
  session: '7475e67035501418b80d144974477f09b1fdc1eb51a9b2c59e0fcefde2edf3ec',
  cursor: 'b9493f25b6467d94dd50a069a0e3b564f7daffeecfd0572f1186a8e57342085f',
  backup: 'ab855ca57bc574b73108567bb90df81849784ece7b38567ee89c06f7174299b9',
  canary: '1798060dadccb58a139d0c7d81c176285f410b370f918b70f9b8008faf5c60b5',
}
const ROW_MAC = '2c5c438226fbbc9485522175878ba7ab61f41f4dcdd7541d71dd4cbd7f8d4f8f'
const master = Buffer.from('correct-horse-battery-staple-0123456789')
const derived = deriveKeys(master, '11'.repeat(16))

test('each purpose has the key of its vector', () => {
  assert.equal(derived.mkId, '1b8c75b31f3d2a29')
  assert.deepEqual(Object.keys(derived.keys), [...PURPOSES])
  for (const purpose of PURPOSES) {
    assert.equal(derived.keys[purpose].export().toString('hex'), VECTORS[purpose], purpose)
  }
  assert.equal(new Set(Object.values(VECTORS)).size, PURPOSES.length)
})

test('another install or another secret shares no key', () => {
  const others = [
    deriveKeys(master, '22'.repeat(16)),
    deriveKeys(Buffer.alloc(40, 5), '11'.repeat(16)),
  ]
  for (const other of others) {
    assert.notEqual(other.mkId, derived.mkId)
    for (const purpose of PURPOSES) {
      assert.ok(!other.keys[purpose].equals(derived.keys[purpose]), purpose)
    }
  }
})

test('the digest of a row has the bytes of its vector and covers table, columns and values', () => {
  const key = derived.keys['row-mac']
  const row = { workspaceId: 'wsp_acme', userId: 'usr_1', role: 'admin' }
  const mac = rowMac(key, 'member', row)
  assert.equal(mac.toString('hex'), ROW_MAC)
  assert.deepEqual(
    rowMac(key, 'member', { role: 'admin', userId: 'usr_1', workspaceId: 'wsp_acme' }),
    mac,
  )
  for (const other of [
    { ...row, role: 'viewer' },
    { ...row, userId: 'usr_2' },
    { role: 'admin' },
  ]) {
    assert.ok(!rowMac(key, 'member', other).equals(mac))
  }
  assert.ok(!rowMac(key, 'members', row).equals(mac))
})
