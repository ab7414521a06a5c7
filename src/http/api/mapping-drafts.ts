// `/targets/{id}/mapping/draft`, what it would change, and what rules lack at a target.

import { z } from 'zod'
import { Reason } from '#domain/mappings/input.ts'
import { CONFIDENCES } from '#domain/mappings/suggest.ts'
import type { SeenMapping } from '#domain/mappings/actions.ts'
import type { MappingDraft } from '#domain/mappings/mapping.ts'
import { MAPPING_EFFECTS } from '#domain/rules/mappings/effect.ts'
import type { SeenPreview } from '#domain/rules/mappings/preview.ts'
import { formatInstant } from '#kernel/time.ts'
import { requireVersion } from '#kernel/version.ts'
import {
  contentIn,
  MappingBody,
  MappingPath,
  MappingShape,
  mappingShape,
  TargetIdText,
} from './mapping-shapes.ts'
import { operation } from './operation.ts'
import {
  accepted,
  InstantText,
  instantOrNull,
  JobIdText,
  named,
  PAGE_QUERY,
  RuleIdText,
} from './shapes.ts'
import { startedJob, StartedJobShape } from './started-job.ts'

const actions = () => import('#domain/mappings/actions.ts')
const drafts = () => import('#domain/mappings/drafts.ts')
const documents = () => import('#domain/mappings/document.ts')
const previews = () => import('#domain/rules/mappings/preview.ts')
const surveys = () => import('#domain/rules/mappings/survey.ts')

const DraftShape = z
  .strictObject({
    targetId: TargetIdText,
    /** Counts its edits; 0 while there is none, and then the rest is what one would begin with. */
    version: z.int(),
    /** The version of the mapping it was begun over; 0 for none. */
    basedOn: z.int(),
    pipelines: z.array(z.string()),
    document: z.record(z.string(), z.unknown()),
    yaml: z.string(),
    changedAt: InstantText.nullable(),
    changedBy: z.string().nullable(),
  })
  .register(named, { id: 'MappingDraft' })

async function draftShape(
  { target, mapping }: Pick<SeenMapping, 'target' | 'mapping'>,
  draft: MappingDraft | undefined,
): Promise<z.input<typeof DraftShape>> {
  const { writeDocument } = await documents()
  const { pipelines = [], document = {} } = draft ?? mapping ?? {}
  return {
    targetId: target.id,
    version: draft?.revision ?? 0,
    basedOn: draft?.basedOn ?? mapping?.number ?? 0,
    pipelines: [...pipelines],
    document: { ...document },
    yaml: writeDocument(document),
    changedAt: instantOrNull(draft?.changedAt ?? null),
    changedBy: draft?.changedBy ?? null,
  }
}

const get = operation({
  method: 'GET',
  path: '/targets/{id}/mapping/draft',
  name: 'getMappingDraft',
  summary: 'The draft of a mapping',
  about: 'Version 0 stands for none: then it tells what a draft would begin with.',
  permission: 'target.read',
  params: MappingPath,
  answer: DraftShape,
  isVersioned: true,
  async run({ house, caller, params: { id } }) {
    const seen = await (await actions()).seeMapping(house, caller, id)
    return draftShape(seen, seen.draft)
  },
})

const put = operation({
  method: 'PUT',
  path: '/targets/{id}/mapping/draft',
  name: 'putMappingDraft',
  summary: 'Write the draft of a mapping',
  about:
    'The whole of it, as `document` or as `yaml`; begins it where there is none, over version 0. Nothing is in force by it.',
  permission: 'mapping.write',
  reach: 'ungrouped',
  params: MappingPath,
  body: z.strictObject(MappingBody).register(accepted, { id: 'NewMappingDraft' }),
  answer: DraftShape,
  isVersioned: true,
  async run({ house, caller, params: { id }, body, expected }) {
    const seen = await (await actions()).seeMapping(house, caller, id)
    const content = await contentIn(body)
    const over = seen.draft?.revision ?? 0
    requireVersion(expected, String(over))
    const { editDraft } = await drafts()
    const edit = { over, change: () => content }
    return draftShape(seen, await editDraft(house, caller, seen.target, edit))
  },
})

const discard = operation({
  method: 'DELETE',
  path: '/targets/{id}/mapping/draft',
  name: 'discardMappingDraft',
  summary: 'Discard the draft of a mapping',
  permission: 'mapping.write',
  reach: 'ungrouped',
  params: MappingPath,
  isVersioned: true,
  async run({ house, caller, params: { id }, expected }) {
    await (await actions()).seeMapping(house, caller, id)
    await (await drafts()).discardDraft(house, caller, id, expected)
    return undefined
  },
})

const apply = operation({
  method: 'POST',
  path: '/targets/{id}/mapping/draft/apply',
  name: 'applyMappingDraft',
  summary: 'Put the draft of a mapping in force',
  about:
    '`draft` is the version of it that was looked at. What rules become there is pending from then on.',
  permission: 'mapping.write',
  reach: 'ungrouped',
  params: MappingPath,
  body: z
    .strictObject({ draft: z.int().min(1), reason: Reason })
    .register(accepted, { id: 'MappingDraftToApply' }),
  answer: MappingShape,
  async run({ house, caller, params: { id }, body: { draft: over, reason } }) {
    const { target } = await (await actions()).seeMapping(house, caller, id)
    const { saveDraft } = await drafts()
    const mapping = await saveDraft(house, caller, target, { over, reason })
    return mappingShape({ target, mapping })
  },
})

const EffectShape = z
  .strictObject({
    ruleId: RuleIdText,
    title: z.string(),
    effect: z.enum(MAPPING_EFFECTS),
    before: z.string(),
    after: z.string(),
  })
  .register(named, { id: 'MappingEffect' })

const PreviewShape = z
  .strictObject({
    /** Null before the first; then the rest is empty. */
    job: JobIdText.nullable(),
    /** False when the draft was edited since. */
    isOfDraft: z.boolean(),
    rules: z.int(),
    counts: z.strictObject({ changed: z.int(), gained: z.int(), lost: z.int() }),
    startedAt: InstantText.nullable(),
    endedAt: InstantText.nullable(),
    items: z.array(EffectShape),
    next: z.string().nullable(),
  })
  .register(named, { id: 'MappingPreview' })

const startPreview = operation({
  method: 'POST',
  path: '/targets/{id}/mapping/preview',
  name: 'previewMapping',
  summary: 'Compile every rule with and without the draft',
  permission: 'mapping.write',
  reach: 'ungrouped',
  params: MappingPath,
  status: 202,
  answer: StartedJobShape,
  async run({ house, caller, params: { id } }) {
    return startedJob(await (await previews()).startPreview(house, caller, id))
  },
})

const getPreview = operation({
  method: 'GET',
  path: '/targets/{id}/mapping/preview',
  name: 'getMappingPreview',
  summary: 'Which rules the draft would change',
  about:
    'Of the newest preview: `changed` become another query, `gained` compile from then on, `lost` no longer do.',
  permission: 'target.read',
  params: MappingPath,
  query: z.strictObject({ ...PAGE_QUERY, effect: z.enum(MAPPING_EFFECTS).optional() }),
  answer: PreviewShape,
  async run({ house, caller, params: { id }, query }) {
    return previewShape(await (await previews()).seePreview(house, caller, id, query))
  },
})

function previewShape(seen: SeenPreview | undefined): z.input<typeof PreviewShape> {
  const { preview, counts, items } = seen ?? {}
  return {
    job: preview?.jobId ?? null,
    isOfDraft: seen?.isOfDraft ?? false,
    rules: preview?.ruleCount ?? 0,
    counts: { changed: 0, gained: 0, lost: 0, ...counts },
    startedAt: instantOrNull(preview?.startedAt ?? null),
    endedAt: instantOrNull(preview?.endedAt ?? null),
    items: (items?.items ?? []).map(({ ruleId, title, effect, before, after }) => ({
      ruleId,
      title,
      effect,
      before,
      after,
    })),
    next: items?.next ?? null,
  }
}

const LogSource = z.strictObject({
  product: z.string().optional(),
  category: z.string().optional(),
  service: z.string().optional(),
})
const candidates = z.array(
  z.strictObject({ name: z.string(), confidence: z.enum(CONFIDENCES), reason: z.string() }),
)

const SuggestionsShape = z
  .strictObject({
    /** Null before the first look; then the rest is empty. */
    madeAt: InstantText.nullable(),
    rules: z.int(),
    hasSchema: z.boolean(),
    /** Log sources and fields of rules, all told. */
    sourceCount: z.int(),
    fieldCount: z.int(),
    sources: z.array(
      z.strictObject({
        logsource: LogSource,
        rules: z.int(),
        state: z.enum(['refused', 'unscoped', 'absent']),
        why: z.string(),
        candidates,
      }),
    ),
    fields: z.array(
      z.strictObject({
        logsource: LogSource,
        field: z.string(),
        rules: z.int(),
        called: z.array(z.string()),
        candidates,
      }),
    ),
  })
  .register(named, { id: 'MappingSuggestions' })

const startSurvey = operation({
  method: 'POST',
  path: '/targets/{id}/mapping/suggestions',
  name: 'surveyMapping',
  summary: 'Compare what rules use with what the target holds',
  permission: 'mapping.write',
  reach: 'ungrouped',
  params: MappingPath,
  status: 202,
  answer: StartedJobShape,
  async run({ house, caller, params: { id } }) {
    return startedJob(await (await surveys()).startSurvey(house, caller, id))
  },
})

const getSuggestions = operation({
  method: 'GET',
  path: '/targets/{id}/mapping/suggestions',
  name: 'listMappingSuggestions',
  summary: 'What rules lack at the target, and what its schema offers',
  about:
    'Of the newest look, the log sources and fields that most rules use first, with at most three candidates each. `refused`: no pipeline has a place for it; `unscoped`: nothing says where it is; `absent`: the target holds no such place.',
  permission: 'target.read',
  params: MappingPath,
  answer: SuggestionsShape,
  async run({ house, caller, params: { id } }) {
    const survey = await (await surveys()).seeSurvey(house, caller, id)
    const { hasSchema = false, sourceCount = 0, fieldCount = 0 } = survey?.found ?? {}
    const { sources = [], fields = [] } = survey?.found ?? {}
    return {
      madeAt: survey === undefined ? null : formatInstant(survey.madeAt),
      rules: survey?.ruleCount ?? 0,
      hasSchema,
      sourceCount,
      fieldCount,
      sources: sources.map((one) => ({ ...one, candidates: [...one.candidates] })),
      fields: fields.map((one) => ({
        ...one,
        called: [...one.called],
        candidates: [...one.candidates],
      })),
    }
  },
})

export const MAPPING_DRAFT_OPERATIONS = [
  get,
  put,
  discard,
  apply,
  startPreview,
  getPreview,
  startSurvey,
  getSuggestions,
]
