// A mapping to look at: a version in force, a draft over it with long names, what it would change, and
// what rules lack.

import { putMapping } from '#domain/mappings/actions.ts'
import { editDraft } from '#domain/mappings/drafts.ts'
import { hashMapping } from '#domain/mappings/mapping.ts'
import { putField, putSource } from '#domain/mappings/table.ts'
import { createRule } from '#domain/rules/actions.ts'
import { insertPreviewRules, putPreview } from '#domain/rules/mappings/preview-store.ts'
import { putSurvey } from '#domain/rules/mappings/survey-store.ts'
import type { Target } from '#domain/targets/target.ts'
import type { JobId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'

const LONG = 'a_name_that_is_as_long_as_names_of_fields_ever_are_in_the_data_of_vendors'.repeat(2)

/** Paths below the target. */
export async function fillMapping(
  house: House,
  caller: Caller,
  target: Target,
): Promise<readonly string[]> {
  const logsource = { product: 'windows', category: 'process_creation' }
  const content = {
    pipelines: ['rw_splunk', 'sysmon'] as const,
    document: { priority: 5, transformations: [{ type: 'case', method: 'lower' }] },
  }
  const reason = 'London keeps the events of its clients in an index of their own'
  await putMapping(house, caller, target.id, { ...content, reason, expected: 'any' })
  const draft = await editDraft(house, caller, target, {
    over: 0,
    change: ({ pipelines, document }) => {
      const placed = putSource(document, target.kind, {
        logsource,
        isReplacing: true,
        places: ['wineventlog_ldn', LONG],
        conditions: { sourcetype: ['XmlWinEventLog', 'WinEventLog'], [LONG]: ['"4688"', '4689'] },
      })
      const fields = [
        { logsource, field: 'Image', to: ['process_path'] },
        { logsource: {}, field: LONG, to: [LONG, 'process'] },
      ]
      return { pipelines, document: fields.reduce((made, one) => putField(made, one), placed) }
    },
  })
  const { rule } = await createRule(house, caller, {
    text: `title: ${'Whoami as system '.repeat(8)}\nlogsource: {product: windows}\ndetection: {s: {a: b}, condition: s}`,
    reason: 'new',
    origin: 'written',
  })
  await house.db.write(caller, async (tx) => {
    await putPreview(tx, {
      targetId: target.id,
      contentHash: hashMapping(draft),
      jobId: 'job_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b' as JobId,
      ruleCount: 1_204,
      startedAt: caller.now,
      endedAt: caller.now,
    })
    const before = `source="WinEventLog:Security" EventCode=4688 Image="*\\\\whoami.exe" ${LONG}=1`
    const after = before.replace('Image', 'process_path')
    await insertPreviewRules(tx, target.id, [{ ruleId: rule.id, effect: 'changed', before, after }])
    const candidate = {
      name: 'process_path',
      confidence: 'high',
      reason: 'the name that rules use',
    } as const
    await putSurvey(tx, {
      targetId: target.id,
      ruleCount: 1_204,
      madeAt: caller.now,
      found: {
        hasSchema: true,
        sourceCount: 40,
        fieldCount: 300,
        sources: [
          {
            logsource: { product: 'modsecurity' },
            rules: 12,
            state: 'refused',
            why: 'rw_splunk has no place for the log source (product modsecurity)',
            candidates: [
              { ...candidate, name: 'index=web sourcetype=modsecurity', confidence: 'medium' },
              { ...candidate, name: LONG, confidence: 'low' },
            ],
          },
        ],
        fields: [
          { logsource, field: 'Image', rules: 900, called: ['Image'], candidates: [candidate] },
          { logsource, field: LONG, rules: 1, called: [], candidates: [] },
        ],
      },
    })
  })
  const keys = new URLSearchParams(logsource).toString()
  return [
    '',
    '/suggestions',
    '/preview',
    '/versions',
    `/field?field=Image&${keys}`,
    `/source?${keys}`,
  ].map((path) => `/mapping${path}`)
}
