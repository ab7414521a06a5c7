// Automation of a target that closes what rules find before anybody looks: read from the definitions that
// the target told of it. Pure.

import { z } from 'zod'
import type { Json } from '#kernel/json.ts'
import { parseInstant, type Instant } from '#kernel/time.ts'

export interface Closing {
  /** As what it closes them, in the target's word; null where it does not say. */
  readonly as: string | null
  readonly why: string | null
  /** Null: nothing ends it. */
  readonly endsAt: Instant | null
  /** Conditions beside those that name rules: it closes only what fits them. */
  readonly conditions: number
  /** It is about the rules it names, and not about whatever comes. */
  readonly namesRules: boolean
}

const json = z.custom<Json>((value) => value !== undefined)
const automation = z.object({
  triggeringLogic: z.object({
    isEnabled: z.boolean().default(true),
    expirationTimeUtc: z.string().nullish(),
    conditions: z.array(json).nullish(),
  }),
  actions: z.array(
    z.object({
      actionType: z.string(),
      actionConfiguration: z
        .object({
          status: z.string().nullish(),
          classification: z.string().nullish(),
          classificationComment: z.string().nullish(),
        })
        .nullish()
        .catch(null),
    }),
  ),
})

const NAMING = new Set(['IncidentRelatedAnalyticRuleIds', 'AlertAnalyticRuleIds'])
const naming = z.object({ conditionProperties: z.object({ propertyName: z.string() }) })

/** Undefined for what closes nothing, is turned off or over, or is not as it should be. */
export function closingOf(definition: unknown, now: Instant): Closing | undefined {
  const read = automation.safeParse(definition)
  if (!read.success) return undefined
  const { triggeringLogic: logic, actions } = read.data
  const closes = actions.find(({ actionType, actionConfiguration }) => {
    return actionType === 'ModifyProperties' && actionConfiguration?.status === 'Closed'
  })
  const endsAt = parseInstant(logic.expirationTimeUtc ?? '') ?? null
  if (closes === undefined || !logic.isEnabled || (endsAt !== null && endsAt <= now)) {
    return undefined
  }
  const conditions = logic.conditions ?? []
  const named = conditions.filter((one) => {
    const { data } = naming.safeParse(one)
    return data !== undefined && NAMING.has(data.conditionProperties.propertyName)
  })
  const said = closes.actionConfiguration
  return {
    as: said?.classification ?? null,
    why: said?.classificationComment ?? null,
    endsAt,
    conditions: conditions.length - named.length,
    namesRules: named.length > 0,
  }
}

/** In a sentence. */
export function wordsOfClosing(title: string, { as, conditions, namesRules }: Closing): string {
  const whose = namesRules ? 'incidents of the rules it names' : 'incidents of every rule there'
  const which =
    conditions === 0
      ? ''
      : `, where ${conditions === 1 ? 'a condition holds' : `${conditions} conditions hold`}`
  return `The automation rule ${title} closes ${whose}${which}${as === null ? '' : ` as ${as}`}.`
}
