// What fits the operations about exclusions.

import { systemCaller } from '#domain/access/system.ts'
import { createRule } from '#domain/rules/actions.ts'
import { addExclusion } from '#domain/rules/exclusions/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { TestApp } from '#test/support/start-app.ts'

/** Without test cases, so that the job which follows writes nothing more. */
const RULE = `title: Whoami
logsource: {category: process_creation, product: windows}
detection: {selection: {Image: whoami.exe}, condition: selection}
`

interface World {
  readonly app: TestApp
}

const OWNER = 'ada@acme.example'

async function newExclusionText({ app: { house } }: World, place: Workspace) {
  const caller = systemCaller(house, 'test', undefined, place.id)
  const { rule } = await createRule(house, caller, { text: RULE, reason: '', origin: 'written' })
  return `title: The agent
logsource: {category: process_creation, product: windows}
filter: {rules: [${rule.id}], selection: {User: agent}, condition: not selection}
`
}

async function newExclusion({ app }: World, place: Workspace) {
  const text = await newExclusionText({ app }, place)
  const caller = systemCaller(app.house, 'test', undefined, place.id)
  const given = { text, reason: 'Nightly', owner: OWNER }
  const { id, version } = await addExclusion(app.house, caller, given)
  return { id, headers: { 'If-Match': `"${version}"` } }
}

export const EXCLUSION_INPUTS = {
  listExclusions: async () => ({ query: '?limit=2&state=all' }),
  addExclusion: async (world: World, place: Workspace) => ({
    json: { text: await newExclusionText(world, place), reason: 'Nightly', owner: OWNER },
  }),
  getExclusion: async (world: World, place: Workspace) => ({
    id: (await newExclusion(world, place)).id,
  }),
  changeExclusion: async (world: World, place: Workspace) => {
    const { id, headers } = await newExclusion(world, place)
    return { id, headers, json: { reason: 'Each night', why: 'Said better' } }
  },
  endExclusion: newExclusion,
  countHitsHidden: async (world: World, place: Workspace) => ({
    id: (await newExclusion(world, place)).id,
  }),
  listExclusionVersions: async (world: World, place: Workspace) => ({
    id: (await newExclusion(world, place)).id,
  }),
}
