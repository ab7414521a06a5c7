// How mappings look in JSON, and how one comes in: as a document or as YAML.

import { z } from 'zod'
import type { SeenMapping } from '#domain/mappings/actions.ts'
import { MappingDocument, PipelineNames } from '#domain/mappings/input.ts'
import type { MappingContent, MappingSummary } from '#domain/mappings/mapping.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { checkInput } from '#http/input.ts'
import { idOf, InstantText, named, pageShape } from './shapes.ts'

const documents = () => import('#domain/mappings/document.ts')
export const TargetIdText = idOf(ID_PREFIXES.target)

export const MappingShape = z
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
export const MappingVersionPage = pageShape(VersionShape).register(named, {
  id: 'MappingVersionPage',
})

export async function mappingShape({
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

export function versionShape({
  number,
  createdAt,
  ...one
}: MappingSummary): z.input<typeof VersionShape> {
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

export const MappingPath = z.strictObject({ id: TargetIdText })

/** Members of a body that brings a whole mapping. */
export const MappingBody = {
  pipelines: PipelineNames.default([]),
  document: z.record(z.string(), z.unknown()).optional(),
  yaml: z.string().max(300_000).optional(),
}
const Body = z.strictObject(MappingBody)

/** Throws `invalid` for one that brings both or neither, and with all that is not understood. */
export async function contentIn({
  pipelines,
  document,
  yaml,
}: z.infer<typeof Body>): Promise<MappingContent> {
  if ((document === undefined) === (yaml === undefined)) {
    throw new AppError('invalid', 'Give the mapping as document or as yaml, one of them.')
  }
  if (yaml === undefined) return { pipelines, document: checkInput(MappingDocument, document) }
  const { requireDocument } = await documents()
  return { pipelines, document: requireDocument(yaml) }
}
