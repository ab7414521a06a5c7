// What another workspace tries on mappings and on what rules become at a target.

import assert from 'node:assert/strict'
import * as mappings from '#domain/mappings/store.ts'
import * as previews from '#domain/rules/mappings/preview-store.ts'
import * as surveys from '#domain/rules/mappings/survey-store.ts'
import * as places from '#domain/rules/renders/place-store.ts'
import type { JobId, RuleId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { globex } from './database.ts'

type Attacks = Readonly<
  Record<string, Readonly<Record<string, (tx: Tx, reader: Reader) => Promise<unknown>>>>
>

const targetId = 'tgt_01' as TargetId
const content = { pipelines: [], document: { name: 'stolen' } } as const
const london = { name: 'london', kind: 'splunk' } as const
const NOTHING = { hasSchema: true, sources: [], fields: [], sourceCount: 0, fieldCount: 0 }
const now = 2_000_000_000_000 as Instant

export const MAPPING_ATTACKS: Attacks = {
  'src/domain/mappings/store.ts': {
    findMapping: async (_, reader) =>
      assert.equal(await mappings.findMapping(reader, globex, targetId), undefined),
    getMappingVersion: (_, reader) =>
      assert.rejects(mappings.getMappingVersion(reader, globex, targetId, 1), {
        code: 'forbidden',
      }),
    selectMappingVersions: (_, reader) =>
      mappings.selectMappingVersions(reader, globex, targetId, { limit: 10, before: null }),
    selectMappings: (_, reader) => mappings.selectMappings(reader, globex),
    selectMappingHashes: (_, reader) => mappings.selectMappingHashes(reader, globex),
    findDraft: async (_, reader) =>
      assert.equal(await mappings.findDraft(reader, globex, targetId), undefined),
    deleteDraft: (tx) => mappings.deleteDraft(tx, targetId),
    // The foreign key holds the workspace, so another's target does not exist.
    insertMapping: (tx) =>
      assert.rejects(
        mappings.insertMapping(tx, {
          ...content,
          targetId,
          number: 2,
          contentHash: 'x',
          reason: 'x',
          restoredFrom: null,
          createdAt: now,
          createdBy: 'system:test',
        }),
        /FOREIGN KEY/,
      ),
    putDraft: (tx) =>
      assert.rejects(
        mappings.putDraft(tx, {
          ...content,
          targetId,
          basedOn: 0,
          revision: 2,
          changedAt: now,
          changedBy: 'system:test',
        }),
        /FOREIGN KEY/,
      ),
  },
  'src/domain/rules/mappings/preview-store.ts': {
    findPreview: async (_, reader) =>
      assert.equal(await previews.findPreview(reader, globex, targetId), undefined),
    countEffects: async (_, reader) =>
      assert.equal((await previews.countEffects(reader, globex, targetId)).changed, 0),
    selectPreviewRules: (_, reader) =>
      previews.selectPreviewRules(reader, globex, targetId, {
        effect: undefined,
        limit: 10,
        after: null,
      }),
    deletePreviewRules: (tx) => previews.deletePreviewRules(tx, targetId),
    updatePreview: (tx) => previews.updatePreview(tx, targetId, { ruleCount: 7 }),
    putPreview: (tx) =>
      assert.rejects(
        previews.putPreview(tx, {
          targetId,
          contentHash: 'x',
          jobId: 'job_01' as JobId,
          ruleCount: 0,
          startedAt: now,
          endedAt: null,
        }),
        /FOREIGN KEY/,
      ),
    insertPreviewRules: (tx) =>
      assert.rejects(
        previews.insertPreviewRules(tx, targetId, [
          { ruleId: 'rul_02' as RuleId, effect: 'changed', before: 'x', after: 'y' },
        ]),
        /FOREIGN KEY/,
      ),
  },
  'src/domain/rules/mappings/survey-store.ts': {
    findSurvey: async (_, reader) =>
      assert.equal(await surveys.findSurvey(reader, globex, targetId), undefined),
    putSurvey: (tx) =>
      assert.rejects(
        surveys.putSurvey(tx, { targetId, ruleCount: 0, found: NOTHING, madeAt: now }),
        /FOREIGN KEY/,
      ),
  },
  'src/domain/rules/renders/place-store.ts': {
    markMappedPending: (tx) => places.markMappedPending(tx, london),
    markNamedPending: (tx) => places.markNamedPending(tx, london),
    dropRendersAt: (tx) => places.dropRendersAt(tx, { ...london, name: '' }),
  },
}
