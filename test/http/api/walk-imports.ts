// What fits the operations about imports of rules, and about upstreams.

import { systemCaller } from '#domain/access/system.ts'
import { previewImport } from '#domain/rules/imports/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { TestApp } from '#test/support/start-app.ts'
import { UPSTREAM_INPUTS } from './walk-upstreams.ts'

/** Broken, so that the job that follows writes no rule. */
const BROKEN = { path: 'broken.yml', text: 'title: Broken' }

interface World {
  readonly app: TestApp
}

function newImport({ app }: World, place: Workspace): Promise<string> {
  const caller = systemCaller(app.house, 'test', undefined, place.id)
  return previewImport(app.house, caller, { source: 'a folder', files: [BROKEN] })
}

export const IMPORT_INPUTS = {
  ...UPSTREAM_INPUTS,
  importRules: async () => ({ query: '?source=a+folder', json: { files: [BROKEN] } }),
  listRuleImports: async () => ({}),
  getRuleImport: async (world: World, place: Workspace) => ({ id: await newImport(world, place) }),
  listRuleImportItems: async (world: World, place: Workspace) => ({
    id: await newImport(world, place),
    query: '?finding=broken&limit=2',
  }),
  startRuleImport: async (world: World, place: Workspace) => ({
    id: await newImport(world, place),
    json: { conflicts: 'keep' },
  }),
}
