// `/targets/{id}/mapping`: what a target calls things, version by version.

import { z } from 'zod'
import { Reason } from '#domain/mappings/input.ts'
import {
  contentIn,
  MappingBody,
  MappingPath,
  MappingShape,
  mappingShape,
  MappingVersionPage,
  versionShape,
} from './mapping-shapes.ts'
import { operation } from './operation.ts'
import { accepted, PAGE_QUERY } from './shapes.ts'
import { startedJob, StartedJobShape } from './started-job.ts'

const actions = () => import('#domain/mappings/actions.ts')

const get = operation({
  method: 'GET',
  path: '/targets/{id}/mapping',
  name: 'getMapping',
  summary: 'What a target calls log sources and fields',
  about:
    'A pipeline in the community’s format, applied before those that `pipelines` names; an empty list stands for the usual one of the kind.',
  permission: 'target.read',
  params: MappingPath,
  answer: MappingShape,
  isVersioned: true,
  async run({ house, caller, params: { id } }) {
    return mappingShape(await (await actions()).seeMapping(house, caller, id))
  },
})

const PutBody = z
  .strictObject({ ...MappingBody, reason: Reason })
  .register(accepted, { id: 'NewMapping' })

const put = operation({
  method: 'PUT',
  path: '/targets/{id}/mapping',
  name: 'putMapping',
  summary: 'Put a mapping in force',
  about:
    'The whole of it, as `document` or as `yaml`. A part that is not understood is refused by name. What rules become there is pending from then on.',
  permission: 'mapping.write',
  reach: 'ungrouped',
  params: MappingPath,
  body: PutBody,
  answer: MappingShape,
  isVersioned: true,
  async run({ house, caller, params: { id }, body, expected }) {
    const { reason, ...content } = body
    const mapping = { ...(await contentIn(content)), reason, expected }
    return mappingShape(await (await actions()).putMapping(house, caller, id, mapping))
  },
})

const versions = operation({
  method: 'GET',
  path: '/targets/{id}/mapping/versions',
  name: 'listMappingVersions',
  summary: 'Versions of a mapping, newest first',
  permission: 'target.read',
  params: MappingPath,
  query: z.strictObject(PAGE_QUERY),
  answer: MappingVersionPage,
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
  reach: 'ungrouped',
  params: MappingPath,
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
