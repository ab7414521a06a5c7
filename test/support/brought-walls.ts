// What acme has brought, and what the other workspace tries on it (test/walls.test.ts).

import assert from 'node:assert/strict'
import * as imports from '#domain/rules/imports/store.ts'
import * as upstreams from '#domain/rules/upstreams/store.ts'
import type { Actor } from '#kernel/actor.ts'
import type { ImportId, RuleId, UpstreamId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { change, type Steps } from '#platform/db/steps.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { globex } from './database.ts'

const rule = 'rul_01' as RuleId
const brought = 'imp_01' as ImportId
const followed = 'ups_01' as UpstreamId
const link = {
  ruleId: rule,
  upstreamId: followed,
  number: 1,
  path: 'x',
  sigmaId: null,
  text: 'stolen',
  contentHash: 'x',
  standing: 'followed',
  successor: null,
} as const
const update = {
  number: 1,
  label: 'stolen',
  commit: null,
  digest: 'x',
  fileCount: 1,
  state: 'open',
  jobId: null,
  createdAt: 1 as Instant,
  createdBy: 'system:test' as Actor,
} as const
const upstreamItem = {
  position: 2,
  path: 'x',
  title: null,
  sigmaId: null,
  finding: null,
  problems: '[]',
  text: 'stolen',
  contentHash: 'x',
  merged: null,
  conflicts: 0,
  ruleId: null,
  ruleVersion: null,
  successor: null,
  confidence: null,
  choice: null,
  result: null,
} as const

type Attacks = Readonly<Record<string, (globexTx: Tx, globexReader: Reader) => Promise<unknown>>>

export const IMPORT_ATTACKS: Attacks = {
  getItem: (_, reader) =>
    assert.rejects(imports.getItem(reader, globex, brought, 1), { code: 'forbidden' }),
  selectGlances: (_, reader) => imports.selectGlances(reader, globex, [brought]),
  selectImportedFrom: (_, reader) => imports.selectImportedFrom(reader, globex, ['stolen.yml']),
  countCompiling: (_, reader) => imports.countCompiling(reader, globex, brought),
  countLackingTests: async (_, reader) =>
    assert.equal(await imports.countLackingTests(reader, globex, brought), 0),
  countNative: async (_, reader) =>
    assert.equal(await imports.countNative(reader, globex, brought), 0),
  getImport: (_, reader) =>
    assert.rejects(imports.getImport(reader, globex, brought), { code: 'forbidden' }),
  selectImports: (_, reader) => imports.selectImports(reader, globex),
  selectItems: (_, reader) =>
    imports.selectItems(reader, globex, brought, { limit: 10, after: null }),
  selectOpen: (_, reader) => imports.selectOpen(reader, globex, brought, 'rules', 10),
  countItems: (_, reader) => imports.countItems(reader, globex, brought, 'finding'),
  findBase: (_, reader) => imports.findBase(reader, globex, rule),
  updateImport: (tx) => imports.updateImport(tx, brought, { state: 'done' }),
  updateItem: (tx) => imports.updateItem(tx, brought, 1, { result: 'skipped', ruleId: null }),
  // The foreign key holds the workspace, so another's import does not exist.
  insertItems: (tx) =>
    assert.rejects(
      imports.insertItems(tx, brought, [
        {
          position: 9,
          path: 'stolen',
          title: null,
          finding: 'new',
          problems: '[]',
          text: '',
          contentHash: '',
          merged: null,
          ruleId: null,
        },
      ]),
      /FOREIGN KEY/,
    ),
}

export const UPSTREAM_ATTACKS: Attacks = {
  getUpstream: (_, reader) =>
    assert.rejects(upstreams.getUpstream(reader, globex, followed), { code: 'forbidden' }),
  selectUpstreams: (_, reader) => upstreams.selectUpstreams(reader, globex),
  selectUpdates: (_, reader) => upstreams.selectUpdates(reader, globex, followed),
  getUpdate: (_, reader) =>
    assert.rejects(upstreams.getUpdate(reader, globex, followed, 1), { code: 'forbidden' }),
  updateUpdate: (tx) => upstreams.updateUpdate(tx, followed, 1, { state: 'planning' }),
  deleteItems: (tx) => upstreams.deleteItems(tx, followed),
  updateItem: (tx) => upstreams.updateItem(tx, followed, 1, { title: 'stolen' }),
  selectItemRows: (_, reader) =>
    upstreams.selectItemRows(reader, globex, followed, { after: 0, limit: 10 }),
  getItemRow: (_, reader) =>
    assert.rejects(upstreams.getItemRow(reader, globex, followed, 1), { code: 'forbidden' }),
  countItems: (_, reader) => upstreams.countItems(reader, globex, followed),
  selectItems: (_, reader) =>
    upstreams.selectItems(reader, globex, followed, { limit: 10, after: null }),
  selectLinks: (_, reader) => upstreams.selectLinks(reader, globex, followed),
  selectFollowers: (_, reader) => upstreams.selectFollowers(reader, globex),
  selectUnfollowedNative: (_, reader) =>
    upstreams.selectUnfollowedNative(reader, globex, { after: null, limit: 10 }),
  findLink: (_, reader) => upstreams.findLink(reader, globex, rule),
  countLinks: async (_, reader) =>
    assert.equal((await upstreams.countLinks(reader, globex)).size, 0),
  deleteLink: (tx) => upstreams.deleteLink(tx, rule),
  // The foreign keys hold the workspace, so another's upstream does not exist.
  saveLink: (tx) => assert.rejects(upstreams.saveLink(tx, link), /FOREIGN KEY/),
  insertUpdate: (tx) =>
    assert.rejects(upstreams.insertUpdate(tx, followed, { ...update, number: 2 }), /FOREIGN KEY/),
  insertItems: (tx) =>
    assert.rejects(upstreams.insertItems(tx, followed, [upstreamItem]), /FOREIGN KEY/),
}

export function* plantUpstream(): Steps<void> {
  yield* change(
    `insert into "upstream" ("workspaceId", "id", "name", "latest", "createdAt", "createdBy")
     values ('wsp_acme', 'ups_01', 'x', 1, 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "upstreamUpdate" ("workspaceId", "upstreamId", "number", "label", "digest",
       "fileCount", "state", "createdAt", "createdBy")
     values ('wsp_acme', 'ups_01', 1, 'x', 'x', 1, 'open', 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "upstreamItem" ("workspaceId", "upstreamId", "position", "path", "problems", "text",
       "contentHash", "conflicts", "ruleId")
     values ('wsp_acme', 'ups_01', 1, 'x', '[]', 'x', 'x', 0, 'rul_01')`,
  )
  yield* change(
    `insert into "ruleUpstream" ("workspaceId", "ruleId", "upstreamId", "number", "path", "text",
       "contentHash", "standing")
     values ('wsp_acme', 'rul_01', 'ups_01', 1, 'x', 'x', 'x', 'followed')`,
  )
}
