// What doors may ask of forecasts.

import { z } from 'zod'
import { RuleListQuery } from '#domain/rules/input.ts'
import { isId, type RuleId, type TargetId } from '#kernel/id.ts'
import { NOT_ONE_LINE, ONE_LINE } from '#kernel/text.ts'
import { FORECAST_RULES_MAX, WINDOW_DAYS, WINDOW_DAYS_MAX } from './backtest.ts'

const AT_ONCE_MAX = 10
const PER_HOUR_MAX = 3_600

export const Days = z.int().min(1).max(WINDOW_DAYS_MAX).default(WINDOW_DAYS)

export const NewForecast = z
  .strictObject({
    title: z.string().trim().max(200).regex(ONE_LINE, NOT_ONE_LINE).default(''),
    targetId: z
      .string()
      .refine((text): text is TargetId => isId('tgt', text), 'is no id of a target'),
    /** Either rules by their ids, or all that a list shows. */
    ids: z
      .array(z.string().refine((text): text is RuleId => isId('rul', text), 'is no id of a rule'))
      .min(1)
      .max(FORECAST_RULES_MAX)
      .optional(),
    filter: z
      .record(z.string(), z.string())
      .refine((filter) => RuleListQuery.safeParse(filter).success, 'is no filter of the list')
      .optional(),
    days: Days,
    /** The query budget: searches under way at a time, and begun within an hour. */
    atOnce: z.int().min(1).max(AT_ONCE_MAX).default(2),
    perHour: z.int().min(1).max(PER_HOUR_MAX).default(120),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    message: 'names rules by ids or by a filter, one of both',
  })
export type NewForecast = z.output<typeof NewForecast>
