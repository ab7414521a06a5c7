// An exclusion of acme, and what the other workspace tries on it (test/walls.test.ts).

import assert from 'node:assert/strict'
import * as exclusions from '#domain/rules/exclusions/store.ts'
import type { ExclusionId, RuleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { change, type Steps } from '#platform/db/steps.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { globex } from './database.ts'

const rule = 'rul_01' as RuleId
const exclusion = 'exc_01' as ExclusionId
const now = 2_000_000_000_000 as Instant

type Attacks = Readonly<Record<string, (globexTx: Tx, globexReader: Reader) => Promise<unknown>>>

export const EXCLUSION_ATTACKS: Attacks = {
  getExclusionRow: (_, reader) =>
    assert.rejects(exclusions.getExclusionRow(reader, globex, exclusion), { code: 'forbidden' }),
  selectExclusionsBySigmaId: (_, reader) =>
    exclusions.selectExclusionsBySigmaId(reader, globex, ['sigma_02']),
  selectExclusionsByHash: (_, reader) => exclusions.selectExclusionsByHash(reader, globex, ['x']),
  selectExclusionVersions: (_, reader) =>
    exclusions.selectExclusionVersions(reader, globex, exclusion, 10),
  selectExclusions: (_, reader) =>
    exclusions.selectExclusions(reader, globex, {
      state: 'all',
      rule,
      limit: 10,
      after: null,
      now,
    }),
  countExclusions: async (_, reader) =>
    assert.equal(await exclusions.countExclusions(reader, globex, { state: 'all', now }), 0),
  selectBoundRules: (_, reader) => exclusions.selectBoundRules(reader, globex, [exclusion]),
  selectExclusionTexts: (_, reader) => exclusions.selectExclusionTexts(reader, globex, [exclusion]),
  selectRuleTexts: (_, reader) => exclusions.selectRuleTexts(reader, globex, [rule]),
  selectExclusionsOver: (_, reader) => exclusions.selectExclusionsOver(reader, globex, [rule]),
  selectLaidOver: (_, reader) => exclusions.selectLaidOver(reader, globex, [rule], 0 as Instant),
  updateExclusion: (tx) => exclusions.updateExclusion(tx, exclusion, { title: 'stolen' }),
  // The foreign keys hold the workspace, so another's exclusion has neither rules nor versions.
  bindExclusion: (tx) =>
    assert.rejects(exclusions.bindExclusion(tx, exclusion, [rule]), /FOREIGN KEY/),
  insertExclusionVersion: (tx) =>
    assert.rejects(
      exclusions.insertExclusionVersion(tx, {
        exclusionId: exclusion,
        number: 2,
        text: 'stolen',
        contentHash: '',
        why: '',
        createdAt: 1 as Instant,
        createdBy: 'system:test',
      }),
      /FOREIGN KEY/,
    ),
}

export function* plantExclusion(): Steps<void> {
  yield* change(
    `insert into "exclusion" ("workspaceId", "id", "version", "contentHash", "title", "sigmaId", "owner",
       "reason", "endsAt", "state", "createdAt", "createdBy", "updatedAt", "updatedBy")
     values ('wsp_acme', 'exc_01', 1, 'x', 'x', 'sigma_02', 'x', 'x', 9, 'in_force', 1, 'usr_ada', 1,
       'usr_ada')`,
  )
  yield* change(
    `insert into "exclusionVersion" ("workspaceId", "exclusionId", "number", "text", "contentHash", "why",
       "createdAt", "createdBy")
     values ('wsp_acme', 'exc_01', 1, 'x', 'x', 'x', 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "exclusionRule" ("workspaceId", "exclusionId", "ruleId")
     values ('wsp_acme', 'exc_01', 'rul_01')`,
  )
}
