// What fits the operations about mappings.

import { systemCaller } from '#domain/access/system.ts'
import { putMapping } from '#domain/mappings/actions.ts'
import { editDraft } from '#domain/mappings/drafts.ts'
import { startPreview } from '#domain/rules/mappings/preview.ts'
import { addTarget } from '#domain/targets/actions.ts'
import { NewTarget } from '#domain/targets/input.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { TargetId } from '#kernel/id.ts'
import type { TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
}
type At = readonly [world: World, place: Workspace]

let count = 0

/** With a mapping of one version. */
async function mapped(...[{ app }, place]: At): Promise<TargetId> {
  const caller = systemCaller(app.house, 'test', undefined, place.id)
  const settings = { url: 'https://127.0.0.1:9' }
  const input = NewTarget.parse({ name: `mapped-${count++}`, kind: 'splunk', settings })
  const { target } = await addTarget(app.house, caller, input)
  const mapping = { pipelines: [], document: DOCUMENT, reason: 'first', expected: 'any' } as const
  await putMapping(app.house, caller, target.id, mapping)
  return target.id
}

/** With a draft beside it. */
async function drafted(...at: At): Promise<TargetId> {
  const [{ app }, place] = at
  const id = await mapped(...at)
  const caller = systemCaller(app.house, 'test', undefined, place.id)
  const document = { ...DOCUMENT, name: 'draft' }
  const change = () => ({ pipelines: [], document })
  await editDraft(app.house, caller, { id, kind: 'splunk' }, { over: 0, change })
  return id
}

async function change([{ app }, place]: At, id: Awaited<ReturnType<typeof mapped>>): Promise<void> {
  const caller = systemCaller(app.house, 'test', undefined, place.id)
  const document = { ...DOCUMENT, name: 'second' }
  const second = { pipelines: [], document, reason: 'second', expected: 'any' } as const
  await putMapping(app.house, caller, id, second)
}

const DOCUMENT = {
  transformations: [{ type: 'field_name_mapping', mapping: { Image: 'process' } }],
}
const FIRST = { 'If-Match': '"1"' }

export const MAPPING_INPUTS = {
  getMapping: async (...at: At) => ({ id: await mapped(...at) }),
  putMapping: async (...at: At) => ({
    id: await mapped(...at),
    json: { document: { ...DOCUMENT, name: 'second' }, reason: 'second' },
    headers: FIRST,
  }),
  listMappingVersions: async (...at: At) => ({ id: await mapped(...at), query: '?limit=2' }),
  // What is in force already would be restored without a trace.
  restoreMapping: async (...at: At) => {
    const id = await mapped(...at)
    await change(at, id)
    return { id, json: { version: 1 } }
  },
  getMappingDraft: async (...at: At) => ({ id: await mapped(...at) }),
  putMappingDraft: async (...at: At) => ({
    id: await mapped(...at),
    json: { document: DOCUMENT },
    headers: { 'If-Match': '"0"' },
  }),
  discardMappingDraft: async (...at: At) => ({ id: await drafted(...at), headers: FIRST }),
  applyMappingDraft: async (...at: At) => ({
    id: await drafted(...at),
    json: { draft: 1, reason: 'third' },
  }),
  previewMapping: async (...at: At) => ({ id: await drafted(...at) }),
  getMappingPreview: async (...at: At) => {
    const id = await drafted(...at)
    const [{ app }, place] = at
    await startPreview(app.house, systemCaller(app.house, 'test', undefined, place.id), id)
    return { id, query: '?limit=2' }
  },
  surveyMapping: async (...at: At) => ({ id: await mapped(...at) }),
  listMappingSuggestions: async (...at: At) => ({ id: await mapped(...at) }),
  recompileRules: async () => ({}),
}
