// What another workspace tries on targets and their credentials.

import assert from 'node:assert/strict'
import * as credentials from '#domain/targets/credential-store.ts'
import { NOTHING_KNOWN } from '#domain/targets/health.ts'
import * as targets from '#domain/targets/store.ts'
import type { Target } from '#domain/targets/target.ts'
import type { CredentialId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { globex } from './database.ts'

type Attacks = Readonly<
  Record<string, Readonly<Record<string, (tx: Tx, reader: Reader) => Promise<unknown>>>>
>

const id = 'tgt_01' as TargetId
const credential = 'crd_01' as CredentialId
const now = 2_000_000_000_000 as Instant
const made = { createdAt: now, createdBy: 'system:test' } as const
const stolen: Target = {
  id,
  name: 'stolen',
  kind: 'local',
  stage: 'test',
  mode: 'read_only',
  deploy: 'api',
  settings: {},
  ca: null,
  pins: [],
  parameters: {},
  concurrency: 1,
  checkMinutes: 5,
  version: 2,
  ...made,
  changedAt: now,
  changedBy: 'system:test',
}
const slot = { purpose: 'read', slot: 'current' } as const
const health = {
  state: 'healthy',
  reason: 'stolen',
  since: now,
  checkedAt: null,
  facts: NOTHING_KNOWN,
} as const

export const TARGET_ATTACKS: Attacks = {
  'src/domain/targets/store.ts': {
    getTargetRow: (_, reader) =>
      assert.rejects(targets.getTargetRow(reader, globex, id), { code: 'forbidden' }),
    findTargetNamed: (_, reader) => targets.findTargetNamed(reader, globex, 'london'),
    selectPlaces: async (_, reader) =>
      assert.deepEqual(await targets.selectPlaces(reader, globex), []),
    selectTargets: (_, reader) => targets.selectTargets(reader, globex, { limit: 10, after: null }),
    hasLocal: async (_, reader) => assert.equal(await targets.hasLocal(reader, globex), false),
    getHealth: (_, reader) =>
      assert.rejects(targets.getHealth(reader, globex, id), { code: 'forbidden' }),
    findSchema: (_, reader) => targets.findSchema(reader, globex, id),
    updateTarget: (tx) => targets.updateTarget(tx, stolen),
    deleteTarget: (tx) => targets.deleteTarget(tx, id),
    updateHealth: (tx) => targets.updateHealth(tx, id, health),
    saveSchema: (tx) => targets.saveSchema(tx, id, null),
    insertHealthChange: (tx) =>
      assert.rejects(targets.insertHealthChange(tx, id, health, now), /FOREIGN KEY/),
    selectHealthChanges: async (_, reader) =>
      assert.deepEqual(await targets.selectHealthChanges(reader, globex, id, 10), []),
    insertHealth: (tx) => assert.rejects(targets.insertHealth(tx, id, health), /FOREIGN KEY/),
  },
  'src/domain/targets/credential-store.ts': {
    selectCredentials: (_, reader) => credentials.selectCredentials(reader, globex, id),
    selectCredentialEnds: (_, reader) => credentials.selectCredentialEnds(reader, globex, now),
    findCredential: (_, reader) => credentials.findCredential(reader, globex, id, slot),
    updateCredential: (tx) => credentials.updateCredential(tx, credential, { problem: 'stolen' }),
    deleteSlot: (tx) => credentials.deleteSlot(tx, id, slot),
    deleteCredentials: async (tx) => assert.equal(await credentials.deleteCredentials(tx, id), 0),
    deleteEndedCredentials: (tx) => credentials.deleteEndedCredentials(tx, id, now),
    // The foreign key holds the workspace, so another's target does not exist.
    putCredential: (tx) =>
      assert.rejects(
        credentials.putCredential(tx, {
          ...slot,
          ...made,
          id: 'crd_02' as CredentialId,
          targetId: id,
          kind: 'token',
          label: '',
          sealed: Buffer.from('stolen'),
          expiresAt: null,
          certificate: null,
          certificateEndsAt: null,
          endsAt: null,
        }),
        /FOREIGN KEY/,
      ),
  },
}
