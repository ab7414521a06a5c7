// `/targets/{id}/mapping`: what a target calls things, version by version.

import { z } from 'zod'
import type { SeenMapping } from '#domain/mappings/actions.ts'
import { MappingDocument, PipelineNames, Reason } from '#domain/mappings/input.ts'
import type { MappingSummary } from '#domain/mappings/mapping.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { checkInput } from '#http/input.ts'
import { operation } from './operation.ts'
import { accepted, idOf, InstantText, named, PAGE_QUERY, pageShape } from './shapes.ts'
import { startedJob, StartedJobShape } from './started-job.ts'

const actions = () => import('#domain/mappings/actions.ts')
const documents = () => import('#domain/mappings/document.ts')
const TargetIdText = idOf(ID_PREFIXES.target)

const MappingShape = z
  .strictObject({
    targetId: TargetIdText,
    /** 0 while rules become there what they become at any target of the kind. */
    version: z.int(),
    pipelines: z.array(z.string()),
    document: z.record(z.string(), z.unknown()),
    yaml: z.string(),
  })
  .register(named, { id: 'Mapping' })

const version = {
  version: z.int(),
  contentHash: z.string(),
  reason: z.string(),
  restoredFrom: z.int().nullable(),
  createdAt: InstantText,
  createdBy: z.string(),
}
const VersionShape = z.strictObject(version).register(named, { id: 'MappingVersion' })
const VersionPage = pageShape(VersionShape).register(named, { id: 'MappingVersionPage' })

async function mappingShape({
  target,
  mapping,
}: Pick<SeenMapping, 'target' | 'mapping'>): Promise<z.input<typeof MappingShape>> {
  const { writeDocument } = await documents()
  const document = mapping?.document ?? {}
  return {
    targetId: target.id,
    version: mapping?.number ?? 0,
    pipelines: [...(mapping?.pipelines ?? [])],
    document: { ...document },
    yaml: writeDocument(document),
  }
}

function versionShape({ number, createdAt, ...one }: MappingSummary): z.input<typeof VersionShape> {
  const { contentHash, reason, restoredFrom, createdBy } = one
  return {
    version: number,
    contentHash,
    reason,
    restoredFrom,
    createdAt: formatInstant(createdAt),
    createdBy,
  }
}

const params = z.strictObject({ id: TargetIdText })

const get = operation({
  method: 'GET',
  path: '/targets/{id}/mapping',
  name: 'getMapping',
  summary: 'What a target calls log sources and fields',
  about:
    'A pipeline in the community’s format, applied before those that `pipelines` names; an empty list stands for the usual one of the kind.',
  permission: 'target.read',
  params,
  answer: MappingShape,
  isVersioned: true,
  async run({ house, caller, params: { id } }) {
    return mappingShape(await (await actions()).seeMapping(house, caller, id))
  },
})

const PutBody = z
  .strictObject({
    pipelines: PipelineNames.default([]),
    document: z.record(z.string(), z.unknown()).optional(),
    yaml: z.string().max(300_000).optional(),
    reason: Reason,
  })
  .register(accepted, { id: 'NewMapping' })

const put = operation({
  method: 'PUT',
  path: '/targets/{id}/mapping',
  name: 'putMapping',
  summary: 'Put a mapping in force',
  about:
    'The whole of it, as `document` or as `yaml`. A part that is not understood is refused by name. What rules become there is pending from then on.',
  permission: 'mapping.write',
  params,
  body: PutBody,
  answer: MappingShape,
  isVersioned: true,
  async run({ house, caller, params: { id }, body, expected }) {
    const { pipelines, reason } = body
    const document = await documentIn(body)
    const mapping = { pipelines, document, reason, expected }
    return mappingShape(await (await actions()).putMapping(house, caller, id, mapping))
  },
})

async function documentIn({ document, yaml }: z.infer<typeof PutBody>) {
  if ((document === undefined) === (yaml === undefined)) {
    throw new AppError('invalid', 'Give the mapping as document or as yaml, one of them.')
  }
  if (yaml === undefined) return checkInput(MappingDocument, document)
  const { requireDocument } = await documents()
  return requireDocument(yaml)
}

const versions = operation({
  method: 'GET',
  path: '/targets/{id}/mapping/versions',
  name: 'listMappingVersions',
  summary: 'Versions of a mapping, newest first',
  permission: 'target.read',
  params,
  query: z.strictObject(PAGE_QUERY),
  answer: VersionPage,
  async run({ house, caller, params: { id }, query }) {
    const { listMappingVersions } = await actions()
    const { items, next } = await listMappingVersions(house, caller, id, query)
    return { items: items.map(versionShape), next }
  },
})

const restore = operation({
  method: 'POST',
  path: '/targets/{id}/mapping/restore',
  name: 'restoreMapping',
  summary: 'Put an older version of a mapping in force again',
  about: 'As another version. Versions are kept.',
  permission: 'mapping.write',
  params,
  body: z
    .strictObject({ version: z.int().min(1).max(1_000_000) })
    .register(accepted, { id: 'MappingRestore' }),
  answer: MappingShape,
  isVersioned: true,
  async run({ house, caller, params: { id }, body, expected }) {
    const { restoreMapping } = await actions()
    const restored = { number: body.version, expected }
    return mappingShape(await restoreMapping(house, caller, id, restored))
  },
})

const recompile = operation({
  method: 'POST',
  path: '/rules/recompile',
  name: 'recompileRules',
  summary: 'Compile all rules that are pending',
  about: 'Those whose renderings are of something older. Makes no versions.',
  permission: 'rule.write',
  status: 202,
  answer: StartedJobShape,
  async run({ house, caller }) {
    const { startRecompiling } = await import('#domain/rules/renders/recompile.ts')
    return startedJob(await startRecompiling(house, caller))
  },
})

export const MAPPING_OPERATIONS = [get, put, versions, restore, recompile]
