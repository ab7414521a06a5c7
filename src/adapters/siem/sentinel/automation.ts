// An automation rule of Sentinel: which analytics rules its conditions name, and which playbooks it runs. One
// that names no rule takes up the incidents of all of them, and says so by naming none.
// Source: Azure REST API, SecurityInsights 2025-09-01, automationRules.

import { z } from 'zod'
import type { DependenciesAnswer } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'

export interface Automation {
  readonly told: DependenciesAnswer['dependencies'][number]
  /** The rules that it is about. */
  readonly refs: readonly string[]
}

const json = z.custom<Json>((value) => value !== undefined)
const automationRule = z.object({
  name: z.string(),
  properties: z.object({
    displayName: z.string(),
    order: z.number().optional(),
    triggeringLogic: z
      .object({ isEnabled: z.boolean().optional(), conditions: z.array(json).nullish() })
      .loose(),
    actions: z.array(
      z
        .object({
          actionType: z.string(),
          actionConfiguration: z
            .object({ logicAppResourceId: z.string().optional() })
            .loose()
            .nullish(),
        })
        .loose(),
    ),
  }),
})

/** Undefined for what is not as it should be. */
export function automationOf(item: Json): Automation | undefined {
  const read = automationRule.safeParse(item)
  if (!read.success) return undefined
  const { name, properties } = read.data
  const { displayName: title, order, triggeringLogic, actions } = properties
  const playbooks = actions.flatMap(({ actionType, actionConfiguration }) => {
    const id = actionConfiguration?.logicAppResourceId
    return actionType === 'RunPlaybook' && id !== undefined ? [playbookOf(id)] : []
  })
  const definition = { title, order: order ?? null, triggeringLogic, actions } as Json
  const names = [...new Set(playbooks)].map((one) => ({ kind: 'playbook' as const, name: one }))
  const refs = (triggeringLogic.conditions ?? []).flatMap(rulesIn)
  return {
    told: { kind: 'automation_rule', name, title, definition, names },
    refs: [...new Set(refs)],
  }
}

/** `/subscriptions/…/resourceGroups/<group>/providers/Microsoft.Logic/workflows/<name>` */
function playbookOf(resourceId: string): string {
  const [, group, name] =
    /\/resourceGroups\/([^/]+)\/.*\/workflows\/([^/]+)$/i.exec(resourceId) ?? []
  return group === undefined ? resourceId : `${group}/${name}`
}

const NAMING = new Set(['IncidentRelatedAnalyticRuleIds', 'AlertAnalyticRuleIds'])

const condition = z.object({
  conditionProperties: z.object({
    propertyName: z.string().optional(),
    operator: z.string().nullish(),
    propertyValues: z.array(z.string()).nullish(),
    innerConditions: z.array(json).nullish(),
  }),
})

/** Conditions stand within conditions. One that leaves a rule out is not about that rule. */
function rulesIn(item: Json): readonly string[] {
  const read = condition.safeParse(item)
  if (!read.success) return []
  const {
    propertyName = '',
    operator,
    propertyValues,
    innerConditions,
  } = read.data.conditionProperties
  const inside = (innerConditions ?? []).flatMap(rulesIn)
  if (!NAMING.has(propertyName) || operator?.startsWith('Not') === true) return inside
  return [...inside, ...(propertyValues ?? []).map((id) => id.slice(id.lastIndexOf('/') + 1))]
}
